import { z } from "zod";
import { FIELDS, HELD_ANSWERS, HELD_FIELDS } from "../fields.js";
import { answerWith, optionalText } from "./answers.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

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
            /** Like `xai-...oYZ4` or `xai-a**b`. */
            redactedApiKey: optionalText.catch(null).transform((shown) => onlyRedacted(shown) ?? null),
            /** RFC 3339, microseconds. */
            createTime: optionalText.catch(null),
            /** The same. It changes by itself: a value for programs, and no output of the resource. */
            modifyTime: optionalText.catch(null),
            ...HELD_ANSWERS,
        }),
    );

/** An inference API key as the API holds it. Limits and an expiry that are not set are null, however the answer spells it. */
export type ApiKey = Readonly<z.infer<typeof apiKeySchema>>;

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
