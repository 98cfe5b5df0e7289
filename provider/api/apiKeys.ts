import { z } from "zod";
import { FIELDS, HELD_ANSWERS, HELD_FIELDS, type HeldValues } from "../fields.js";
import { answerWith, optionalText } from "./answers.js";
import { RefusedError, UnexpectedAnswerError } from "./errors.js";
import { type Http, path } from "./http.js";

/** An inference API key as the API holds it. Limits and an expiry that are not set are null, however the answer spells it. */
export type ApiKey = {
    readonly apiKeyId: string;
    readonly teamId: string | null;
    readonly userId: string | null;
    /** Like `xai-...oYZ4` or `xai-a**b`. */
    readonly redactedApiKey: string | null;
    /** RFC 3339, microseconds. */
    readonly createTime: string | null;
    /** The same. It changes by itself: a value for programs, and no output of the resource. */
    readonly modifyTime: string | null;
} & HeldValues;

/** A key as messages name it. */
export interface KeyRef {
    readonly apiKeyId: string;
    /** Empty where it is not known. */
    readonly name: string;
}

/** The answer of a create or a rotation: only these hold the secret. */
export interface CreatedApiKey {
    readonly apiKeyId: string;
    /** The secret; absent only from an answer that breaks the API's own documentation. */
    readonly apiKey: string | undefined;
    /** The rest; `undefined` where it has an unexpected shape, which must not lose the key. */
    readonly key: ApiKey | undefined;
}

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

/** How every message names a key: `API key "ci" (5f0c…)`, or `API key 5f0c…` where its name is not known. */
export function label({ apiKeyId, name }: KeyRef): string {
    return name === "" ? `API key ${apiKeyId}` : `API key "${name}" (${apiKeyId})`;
}

/**
 * A secret as the API shows it, such as `xai-...oYZ4` or `xai-a**b`. `undefined` for a text without any mark that something
 * was left out: a server that forgets to redact must not hand secrets to programs.
 */
export function onlyRedacted(shown: string | null | undefined): string | undefined {
    return !shown || /^[\w-]*$/.test(shown) ? undefined : shown;
}

/** One key of an answer, in every published spelling. */
export const apiKeySchema = z
    .looseObject({})
    // Each field by its own name, from the first of its published names that holds a value.
    .transform((answer) => ({
        ...answer,
        ...Object.fromEntries(
            FIELDS.map((field) => [
                field,
                HELD_FIELDS[field].answerNames
                    .map((name) => answer[name])
                    .find((value) => value !== undefined && value !== null),
            ]),
        ),
    }))
    .pipe(
        z.object({
            apiKeyId: z.string().min(1),
            // What only describes the key must not hide it.
            teamId: optionalText.catch(null),
            userId: optionalText.catch(null),
            redactedApiKey: optionalText.catch(null).transform((shown) => onlyRedacted(shown) ?? null),
            createTime: optionalText.catch(null),
            modifyTime: optionalText.catch(null),
            ...HELD_ANSWERS,
        }),
    )
    .transform((key): ApiKey => key);

const createdSchema = z
    .looseObject({ apiKeyId: z.string().min(1), apiKey: z.string().min(1).optional().catch(undefined) })
    .transform((answer): CreatedApiKey => {
        const { apiKeyId, apiKey } = answer;
        return { apiKeyId, apiKey, key: apiKeySchema.safeParse(answer).data };
    });

/**
 * Creates a key. It sends one POST, because a second one would make a second key.
 *
 * @param body - The values by their names in a create; nulls are left out.
 * @throws An error whose `mayHaveActed` says whether the key may exist all the same.
 */
export async function createApiKey(
    http: Http,
    teamId: string,
    body: Readonly<Record<string, unknown>> & { readonly name: string },
): Promise<CreatedApiKey> {
    return http.send({
        action: { endpoint: "CreateApiKey", description: `create API key "${body.name}" in team ${teamId}` },
        method: "POST",
        path: path`/auth/teams/${teamId}/api-keys`,
        body: withoutNulls(body),
        answer: createdSchema,
        repeatable: false,
    });
}

/** What a rotation sets beside the new secret. Both are RFC 3339. */
export interface RotationTimes {
    /** When the old secret stops working, at most 7 days from now. Default: in 24 hours. */
    readonly oldSecretExpireTime?: string | undefined;
    /** When the new secret stops working. Default: the old one's expiry. */
    readonly expireTime?: string | undefined;
}

/** The key's id is known: an answer without it must not lose the secret. */
function rotatedSchema({ apiKeyId }: KeyRef) {
    return z
        .looseObject({})
        .transform((answer) => ("apiKey" in answer ? { apiKeyId, ...answer } : answer))
        .pipe(createdSchema);
}

/**
 * Gives a key a new secret. It sends one POST: of several, the last one's secret works.
 *
 * @throws An error whose `mayHaveActed` says whether the key may have a new secret all the same.
 */
export async function rotateApiKey(http: Http, key: KeyRef, times: RotationTimes): Promise<CreatedApiKey> {
    return http.send({
        action: { endpoint: "RotateApiKey", description: `rotate the secret of ${label(key)}` },
        method: "POST",
        path: path`/auth/api-keys/${key.apiKeyId}/rotate`,
        body: withoutNulls(times),
        answer: rotatedSchema(key),
        repeatable: false,
    });
}

function withoutNulls(body: object): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));
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

/** Deletes a key for good. */
export async function deleteApiKey(http: Http, key: KeyRef): Promise<void> {
    await http.send({
        action: { endpoint: "DeleteApiKey", description: `delete ${label(key)}` },
        method: "DELETE",
        path: path`/auth/api-keys/${key.apiKeyId}`,
        // Any other success proves nothing.
        answer: z.strictObject({}),
        repeatable: true,
    });
}

const propagationSchema = answerWith(
    "icPropagation",
    z.object({
        icPropagation: z
            .record(z.string(), z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]))
            .nullish(),
    }),
);

/**
 * Which clusters know a key: true or false by the cluster's address.
 *
 * @param options - `deadline`: the limit of the call with its retries, in milliseconds; `signal`: ends it at once.
 */
export async function getPropagation(
    http: Http,
    key: KeyRef,
    options: { readonly deadline?: number; readonly signal?: AbortSignal } = {},
): Promise<Readonly<Record<string, boolean>>> {
    const answer = await http.send({
        action: { endpoint: "CheckApiKeyPropagation", description: `check the propagation of ${label(key)}` },
        method: "GET",
        path: path`/auth/api-keys/${key.apiKeyId}/propagation`,
        answer: propagationSchema,
        repeatable: true,
        ...options,
    });
    return answer.icPropagation ?? {};
}
