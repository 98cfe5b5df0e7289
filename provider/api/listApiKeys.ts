import { z } from "zod";
import { answerWith, optionalText } from "./answers.js";
import { type ApiKey, apiKeySchema } from "./apiKeys.js";
import { RefusedError, UnexpectedAnswerError } from "./errors.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

/** The listing of a team's keys, page by page. */

/** A key that a listing holds, but whose fields have an unexpected shape. It exists, and must not hide the others. */
export interface UnreadableApiKey {
    readonly apiKeyId: string;
    /** The fields of an unexpected shape. */
    readonly unreadable: string;
}

/** An entry of a listing. */
export type ListedApiKey = ApiKey | UnreadableApiKey;

/** Whether an entry's fields could be read. */
export function isReadable(key: ListedApiKey): key is ApiKey {
    return !("unreadable" in key);
}

/** How many keys a page of the listing is to hold. The API publishes no limit, and may answer with fewer. */
export const PAGE_SIZE = 100;

/** After so many pages in a row without a further key the listing fails. One page may hold the keys of others alone. */
export const MAX_FRUITLESS_PAGES = 20;

const pageSchema = answerWith(
    "apiKeys",
    z.looseObject({
        apiKeys: z.array(z.looseObject({ apiKeyId: z.string().min(1) })).nullish(),
        paginationToken: optionalText,
    }),
    "paginationToken",
);

/**
 * Lists all keys of a team that the management key may see: every page, or an error.
 *
 * @returns The keys by their ids, in the API's order.
 * @throws UnexpectedAnswerError where the pages do not end: such a listing cannot show that a key is gone.
 */
export async function listApiKeys(http: Http, teamId: string): Promise<ReadonlyMap<string, ListedApiKey>> {
    const action = { endpoint: "ListApiKeys", description: `list the API keys of team ${teamId}` };
    const getPage = (query: Readonly<Record<string, string | number>>) =>
        http.send({
            action,
            method: "GET",
            path: path`/auth/teams/${teamId}/api-keys`,
            query,
            answer: pageSchema,
            repeatable: true,
        });
    const incomplete = (what: string) =>
        new UnexpectedAnswerError(
            action,
            what,
            "The listing may lack keys, so nothing was changed: check what stands between this machine and the API, and run again.",
        );
    const keys = new Map<string, ListedApiKey>();
    const seen = new Set<string>();
    let size: { readonly pageSize?: number } = { pageSize: PAGE_SIZE };
    let fruitless = 0;
    for (let token = ""; ; ) {
        const before = keys.size;
        const page = await getPage(token === "" ? size : { ...size, paginationToken: token }).catch(
            (error: unknown) => {
                if (token !== "" || !(error instanceof RefusedError)) {
                    throw error;
                }
                // A server may allow smaller pages only. Without a size it answers everything as one page.
                size = {};
                return getPage(size);
            },
        );
        for (const entry of page.apiKeys ?? []) {
            keys.set(entry.apiKeyId, listed(entry));
        }
        token = page.paginationToken ?? "";
        if (token === "") {
            return keys;
        }
        if (seen.has(token)) {
            throw incomplete("the listing repeated a page's token");
        }
        seen.add(token);
        fruitless = keys.size > before ? 0 : fruitless + 1;
        if (fruitless === MAX_FRUITLESS_PAGES) {
            throw incomplete(`the listing does not end: its last ${fruitless} pages held no further key`);
        }
    }
}

function listed(entry: { readonly apiKeyId: string }): ListedApiKey {
    const { data, error } = apiKeySchema.safeParse(entry);
    const fields = error?.issues.map((issue) => issue.path.join(".")) ?? [];
    return data ?? { apiKeyId: entry.apiKeyId, unreadable: [...new Set(fields)].join(", ") };
}
