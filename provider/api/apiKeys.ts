import { z } from "zod";
import { answerAround } from "./emptyAnswer.js";
import { type Action, ManagementApiError, RefusedError, UnexpectedAnswerError } from "./errors.js";
import { type Http, path } from "./http.js";
import { mayHaveActed } from "./unclear.js";

/**
 * An inference API key as the API holds it. Unset limits and expiry are `null`, however the answer spelt them.
 */
export interface ApiKey {
    readonly apiKeyId: string;
    readonly teamId: string | null;
    readonly userId: string | null;
    readonly name: string;
    /** The permissions: `acls` in a create, `aclStrings` everywhere else. */
    readonly acls: readonly string[];
    /** Queries a second. */
    readonly qps: number | null;
    /** Queries a minute. */
    readonly qpm: number | null;
    /** Tokens a minute, as an integer string. */
    readonly tpm: string | null;
    /** RFC 3339. */
    readonly expireTime: string | null;
    readonly disabled: boolean;
    /** Like `xai-...oYZ4` or `xai-a**b`. */
    readonly redactedApiKey: string | null;
    /** RFC 3339, microseconds. */
    readonly createTime: string | null;
    /** The same. Changes by itself: it is data for programs, and no output of the resource. */
    readonly modifyTime: string | null;
}

/** What a create sends. */
export interface NewApiKey {
    readonly name: string;
    readonly acls: readonly string[];
    readonly qps: number | null;
    readonly qpm: number | null;
    readonly tpm: string | null;
    readonly expireTime: string | null;
}

/** A create's answer, or a rotation's: the only ones that hold the secret. */
export interface CreatedApiKey {
    readonly apiKeyId: string;
    /** The secret; absent only from an answer that breaks the API's own documentation. */
    readonly apiKey: string | undefined;
    /** The rest; `undefined` where it could not be understood, which must not lose the key. */
    readonly key: ApiKey | undefined;
}

/** The key object as update sends it: the whole key with its new values, never with the secret. */
export interface UpdateApiKeyObject {
    readonly apiKeyId: string;
    readonly teamId: string;
    readonly name: string;
    readonly aclStrings: readonly string[];
    readonly qps: number | null;
    readonly qpm: number | null;
    readonly tpm: string | null;
    readonly expireTime: string | null;
    readonly disabled: boolean;
    readonly userId?: string;
    readonly redactedApiKey?: string;
    readonly createTime?: string;
}

/** Where an update is sent: both are published. `guide` is the team's collection, `reference` the key's own path. */
export type UpdateRoute = "guide" | "reference";

const wholeNumber = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int());
const wholeNumberText = z.union([z.number().int().transform(String), z.string().regex(/^\d+$/)]);
const yesOrNo = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);
const text = z.string().nullish();
const emptyAsNull = z.literal("").transform(() => null);

/** One key of an answer, in every published spelling. */
const apiKeySchema = z
    .object({
        apiKeyId: z.string().min(1),
        teamId: text,
        userId: text,
        // Never empty: without it the object is something else, or cut down.
        name: z.string().min(1),
        aclStrings: z.array(z.string()).nullish(),
        acl_strings: z.array(z.string()).nullish(),
        qps: wholeNumber.nullish().or(emptyAsNull),
        qpm: wholeNumber.nullish().or(emptyAsNull),
        tpm: wholeNumberText.nullish().or(emptyAsNull),
        expireTime: z.string().nullish().or(emptyAsNull),
        disabled: yesOrNo.nullish(),
        redactedApiKey: text,
        createTime: text,
        modifyTime: text.catch(null),
    })
    .transform(
        (key): ApiKey => ({
            apiKeyId: key.apiKeyId,
            teamId: key.teamId ?? null,
            userId: key.userId ?? null,
            name: key.name,
            acls: key.aclStrings ?? key.acl_strings ?? [],
            qps: key.qps ?? null,
            qpm: key.qpm ?? null,
            tpm: key.tpm ?? null,
            expireTime: key.expireTime || null,
            disabled: key.disabled ?? false,
            redactedApiKey: key.redactedApiKey ?? null,
            createTime: key.createTime ?? null,
            modifyTime: key.modifyTime ?? null,
        }),
    );

const createdSchema = z
    .looseObject({ apiKeyId: z.string().min(1), apiKey: z.string().min(1).optional().catch(undefined) })
    .transform((answer): CreatedApiKey => {
        const key = apiKeySchema.safeParse(answer);
        return { apiKeyId: answer.apiKeyId, apiKey: answer.apiKey, key: key.success ? key.data : undefined };
    });

/** A page without keys may leave the list out. */
const pageSchema = answerAround(
    "apiKeys",
    z.looseObject({
        apiKeys: z.array(z.looseObject({ apiKeyId: z.string().min(1) })).nullish(),
        paginationToken: text,
    }),
    "paginationToken",
);

const propagationSchema = answerAround(
    "icPropagation",
    z.object({ icPropagation: z.record(z.string(), yesOrNo).nullish() }),
);

/** A create whose answer was lost or unclear: it is not sent again, for the key may exist. */
export class UnclearCreateError extends ManagementApiError {
    constructor(action: Action, reason: ManagementApiError) {
        super(
            action,
            reason.what,
            `${reason.hint} The key may exist all the same, so the create was not sent again.`,
            reason.status,
        );
    }
}

/**
 * Creates a key. Not repeatable: a second POST would make a second key.
 *
 * @throws {@link UnclearCreateError} where the answer leaves open whether the key was made.
 */
export async function createApiKey(http: Http, teamId: string, key: NewApiKey): Promise<CreatedApiKey> {
    const action = { endpoint: "CreateApiKey", description: `create an API key in team ${teamId}` };
    try {
        return await postApiKey(http, action, teamId, key);
    } catch (error) {
        throw mayHaveActed(error) ? new UnclearCreateError(action, error) : error;
    }
}

async function postApiKey(http: Http, action: Action, teamId: string, key: NewApiKey): Promise<CreatedApiKey> {
    const set = Object.fromEntries(Object.entries(key).filter(([, value]) => value !== null));
    return http.send({
        action,
        method: "POST",
        path: path`/auth/teams/${teamId}/api-keys`,
        body: set,
        answer: createdSchema,
        repeatable: false,
    });
}

/** What a rotation sets beside the new secret. Both are RFC 3339. */
export interface RotationTimes {
    /** When the old secret stops working, at most 7 days from now. Not given: in 24 hours. */
    readonly oldSecretExpireTime?: string | undefined;
    /** When the new secret stops working. Not given: as the old one would have. */
    readonly expireTime?: string | undefined;
}

/**
 * Gives a key a new secret. Not repeatable: the secret that works is the last one's, so that who repeats it has to make sure
 * which that is.
 */
export async function rotateApiKey(http: Http, apiKeyId: string, times: RotationTimes): Promise<CreatedApiKey> {
    return http.send({
        action: { endpoint: "RotateApiKey", description: `give API key ${apiKeyId} a new secret` },
        method: "POST",
        path: path`/auth/api-keys/${apiKeyId}/rotate`,
        body: Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined)),
        answer: createdSchema,
        repeatable: false,
    });
}

/** A key that a listing has, but whose fields cannot be read: it is there, and must not stop the others. */
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

/** How many keys a page of the listing is asked for. No limit is published; the API may answer with fewer. */
export const PAGE_SIZE = 100;

/** So many pages in a row without a key that is not listed yet are no listing. One may hold others' keys alone. */
export const MAX_FRUITLESS_PAGES = 20;

/**
 * Lists all keys of a team that the management key may see: every page, or an error.
 *
 * @throws UnexpectedAnswerError where the pages do not come to an end: such a listing says nothing about what is gone.
 */
export async function listApiKeys(http: Http, teamId: string): Promise<ReadonlyMap<string, ListedApiKey>> {
    const action = { endpoint: "ListApiKeys", description: `list the API keys of team ${teamId}` };
    const keys = new Map<string, ListedApiKey>();
    const seen = new Set<string>();
    const askFor = (query: Readonly<Record<string, string | number>>) =>
        http.send({
            action,
            method: "GET",
            path: path`/auth/teams/${teamId}/api-keys`,
            query,
            answer: pageSchema,
            repeatable: true,
        });
    let size: { readonly pageSize?: number } = { pageSize: PAGE_SIZE };
    let token = "";
    let fruitless = 0;
    do {
        const before = keys.size;
        const position = token === "" ? {} : { paginationToken: token };
        const page = await askFor({ ...size, ...position }).catch((error: unknown) => {
            if (token !== "" || !(error instanceof RefusedError)) {
                throw error;
            }
            // A server may allow smaller pages only; without a size it gives all as one page.
            size = {};
            return askFor(size);
        });
        for (const entry of page.apiKeys ?? []) {
            const key = apiKeySchema.safeParse(entry);
            keys.set(
                entry.apiKeyId,
                key.success
                    ? key.data
                    : {
                          apiKeyId: entry.apiKeyId,
                          unreadable: key.error.issues.map((issue) => issue.path.join(".")).join(", "),
                      },
            );
        }
        token = page.paginationToken ?? "";
        if (token !== "" && seen.has(token)) {
            throw new UnexpectedAnswerError(
                action,
                "the listing repeated a page's token, so it is not complete",
                "Nothing was concluded from it: run again.",
            );
        }
        seen.add(token);
        fruitless = keys.size > before ? 0 : fruitless + 1;
        if (token !== "" && fruitless === MAX_FRUITLESS_PAGES) {
            throw new UnexpectedAnswerError(
                action,
                `the listing does not come to an end: its last ${fruitless} pages held no further key`,
                "Nothing was concluded from it: check what stands between this machine and the API, and run again.",
            );
        }
    } while (token !== "");
    return keys;
}

/**
 * Sends an update on one of the two published routes.
 *
 * @param fieldMask - What changes, in one of the two published spellings.
 */
export async function updateApiKey(
    http: Http,
    route: UpdateRoute,
    apiKey: UpdateApiKeyObject,
    fieldMask: readonly string[],
): Promise<ApiKey> {
    return http.send({
        action: {
            endpoint: "UpdateApiKey",
            description: `update ${fieldMask.join(", ")} of API key ${apiKey.apiKeyId}`,
        },
        method: "PUT",
        path: route === "guide" ? path`/auth/teams/${apiKey.teamId}/api-keys` : path`/auth/api-keys/${apiKey.apiKeyId}`,
        body: { apiKey, fieldMask: fieldMask.join(",") },
        answer: apiKeySchema,
        repeatable: true,
    });
}

/** Deletes a key for good. */
export async function deleteApiKey(http: Http, apiKeyId: string): Promise<void> {
    await http.send({
        action: { endpoint: "DeleteApiKey", description: `delete API key ${apiKeyId}` },
        method: "DELETE",
        path: path`/auth/api-keys/${apiKeyId}`,
        // Whatever else a success says proves nothing.
        answer: z.strictObject({}),
        repeatable: true,
    });
}

/**
 * Which clusters know a key by now: cluster address to yes or no.
 *
 * @param deadline - The limit of the call with its retries, in milliseconds.
 */
export async function checkApiKeyPropagation(
    http: Http,
    apiKeyId: string,
    deadline?: number,
): Promise<Readonly<Record<string, boolean>>> {
    const answer = await http.send({
        action: { endpoint: "CheckApiKeyPropagation", description: `check the propagation of API key ${apiKeyId}` },
        method: "GET",
        path: path`/auth/api-keys/${apiKeyId}/propagation`,
        answer: propagationSchema,
        repeatable: true,
        ...(deadline === undefined ? {} : { deadline }),
    });
    return answer.icPropagation ?? {};
}
