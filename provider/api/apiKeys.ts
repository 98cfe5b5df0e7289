import { z } from "zod";
import { UnexpectedAnswerError } from "./errors.js";
import { type Http, path } from "./http.js";

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

/** A create's answer: the only one that holds the secret. */
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

const wholeNumber = z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]);
const wholeNumberText = z.union([z.number().int().transform(String), z.string().regex(/^\d+$/)]);
const text = z.string().nullish();
const emptyAsNull = z.literal("").transform(() => null);

/** One key of an answer, in every published spelling. */
const apiKeySchema = z
    .object({
        apiKeyId: z.string().min(1),
        teamId: text,
        userId: text,
        name: text,
        aclStrings: z.array(z.string()).nullish(),
        acl_strings: z.array(z.string()).nullish(),
        qps: wholeNumber.nullish().or(emptyAsNull),
        qpm: wholeNumber.nullish().or(emptyAsNull),
        tpm: wholeNumberText.nullish().or(emptyAsNull),
        expireTime: z.string().nullish().or(emptyAsNull),
        disabled: z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]).nullish(),
        redactedApiKey: text,
        createTime: text,
    })
    .transform(
        (key): ApiKey => ({
            apiKeyId: key.apiKeyId,
            teamId: key.teamId ?? null,
            userId: key.userId ?? null,
            name: key.name ?? "",
            acls: key.aclStrings ?? key.acl_strings ?? [],
            qps: key.qps ?? null,
            qpm: key.qpm ?? null,
            tpm: key.tpm ?? null,
            expireTime: key.expireTime || null,
            disabled: key.disabled ?? false,
            redactedApiKey: key.redactedApiKey ?? null,
            createTime: key.createTime ?? null,
        }),
    );

const createdSchema = z
    .looseObject({ apiKeyId: z.string().min(1), apiKey: z.string().min(1).optional().catch(undefined) })
    .transform((answer): CreatedApiKey => {
        const key = apiKeySchema.safeParse(answer);
        return { apiKeyId: answer.apiKeyId, apiKey: answer.apiKey, key: key.success ? key.data : undefined };
    });

const pageSchema = z.object({ apiKeys: z.array(apiKeySchema).nullish(), paginationToken: text });

const propagationSchema = z.object({
    icPropagation: z
        .record(z.string(), z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]))
        .nullish(),
});

/** Creates a key. Not repeatable: a second POST would make a second key. */
export function createApiKey(http: Http, teamId: string, key: NewApiKey): Promise<CreatedApiKey> {
    const set = Object.fromEntries(Object.entries(key).filter(([, value]) => value !== null));
    return http.send({
        action: { endpoint: "CreateApiKey", description: `create an API key in team ${teamId}` },
        method: "POST",
        path: path`/auth/teams/${teamId}/api-keys`,
        body: set,
        answer: createdSchema,
        repeatable: false,
    });
}

/** How many keys a page of the listing is asked for. No limit is published; the API may answer with fewer. */
export const PAGE_SIZE = 100;

/**
 * Lists all keys of a team that the management key may see: every page, or an error.
 *
 * @throws UnexpectedAnswerError where the pages do not come to an end: such a listing says nothing about what is gone.
 */
export async function listApiKeys(http: Http, teamId: string): Promise<ReadonlyMap<string, ApiKey>> {
    const action = { endpoint: "ListApiKeys", description: `list the API keys of team ${teamId}` };
    const keys = new Map<string, ApiKey>();
    const seen = new Set<string>();
    let token = "";
    do {
        const page = await http.send({
            action,
            method: "GET",
            path: path`/auth/teams/${teamId}/api-keys`,
            query: { pageSize: PAGE_SIZE, ...(token === "" ? {} : { paginationToken: token }) },
            answer: pageSchema,
            repeatable: true,
        });
        for (const key of page.apiKeys ?? []) {
            keys.set(key.apiKeyId, key);
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
    } while (token !== "");
    return keys;
}

/**
 * Sends an update on one of the two published routes.
 *
 * @param fieldMask - What changes, in one of the two published spellings.
 */
export function updateApiKey(
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
        answer: z.unknown(),
        repeatable: true,
    });
}

/** Which clusters know a key by now: cluster address to yes or no. */
export async function checkApiKeyPropagation(http: Http, apiKeyId: string): Promise<Readonly<Record<string, boolean>>> {
    const answer = await http.send({
        action: { endpoint: "CheckApiKeyPropagation", description: `check the propagation of API key ${apiKeyId}` },
        method: "GET",
        path: path`/auth/api-keys/${apiKeyId}/propagation`,
        answer: propagationSchema,
        repeatable: true,
    });
    return answer.icPropagation ?? {};
}
