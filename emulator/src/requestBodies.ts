// zod checks each body and gives it a type. It has no dependencies of its own.
import { z } from "zod";
import { ApiError } from "./apiError.js";
import type { RequestBody } from "./requestLog.js";

/** The bodies of requests. Unknown fields and wrong types are errors that name the field. */

const name = z.string("must be a string");
const acls = z.array(z.string("must be a string"), "must be a list of strings");
const queries = z
    .int("must be an integer >= 1 or null")
    .min(1, "must be an integer >= 1 or null")
    .max(2 ** 31 - 1, "must fit into 32 bits")
    .nullable();
const tokens = z
    .string("must be a string that holds an integer >= 1, or null")
    .regex(/^[1-9]\d{0,17}$/, "must be a string that holds an integer >= 1, or null")
    .nullable();
const time = z.string("must be an RFC 3339 string or null").nullable();
const ignored = z.unknown().optional();

const createBody = z.strictObject({
    name,
    acls: acls.optional(),
    qps: queries.optional(),
    qpm: queries.optional(),
    tpm: tokens.optional(),
    expireTime: time.optional(),
});

const updateBody = z.strictObject({
    apiKey: z.strictObject(
        {
            apiKeyId: z.string("must be a string").optional(),
            name: name.nullable().optional(),
            aclStrings: acls.nullable().optional(),
            acl_strings: acls.nullable().optional(),
            qps: queries.optional(),
            qpm: queries.optional(),
            tpm: tokens.optional(),
            expireTime: time.optional(),
            expire_time: time.optional(),
            disabled: z.boolean("must be true or false").nullable().optional(),
            apiKey: z.never("the secret is never part of an update").optional(),
            // Clients that send the whole key object send these too.
            teamId: ignored,
            userId: ignored,
            createTime: ignored,
            modifyTime: ignored,
            redactedApiKey: ignored,
        },
        { error: (issue) => (issue.code === "invalid_type" ? "must be the key object" : undefined) },
    ),
    fieldMask: z.string("must be a string that names the changed fields, separated by commas"),
});

const rotateBody = z.strictObject({ expireTime: time.optional(), oldSecretExpireTime: time.optional() });

/** The body of a create. */
export type CreateBody = z.infer<typeof createBody>;
/** The key object within the body of an update, with one spelling of its compound names. */
export type UpdatedKey = Omit<z.infer<typeof updateBody>["apiKey"], "acl_strings" | "expire_time">;
/** The body of a rotation. */
export type RotateBody = z.infer<typeof rotateBody>;

export function readCreate(body: RequestBody): CreateBody {
    return read(createBody, body);
}

export function readUpdate(body: RequestBody): { apiKey: UpdatedKey; fieldMask: string } {
    const { apiKey, fieldMask } = read(updateBody, body);
    const { acl_strings, expire_time, ...key } = apiKey;
    for (const [camel, snake] of [
        ["aclStrings", "acl_strings"],
        ["expireTime", "expire_time"],
    ] as const) {
        if (apiKey[camel] !== undefined && apiKey[snake] !== undefined) {
            throw new ApiError(400, `apiKey.${camel}: is given twice, as ${snake} too`);
        }
    }
    if (acl_strings !== undefined) {
        key.aclStrings = acl_strings;
    }
    if (expire_time !== undefined) {
        key.expireTime = expire_time;
    }
    return { apiKey: key, fieldMask };
}

/** The body of a rotation is optional, as all its fields are. */
export function readRotate(body: RequestBody): RotateBody {
    return body.kind === "none" ? {} : read(rotateBody, body);
}

function read<T>(schema: z.ZodType<T>, body: RequestBody): T {
    if (body.kind === "none") {
        throw new ApiError(400, "the body must be a JSON object, but there was none");
    }
    if (body.kind === "bad") {
        throw new ApiError(400, `the body is not JSON: ${body.why}`);
    }
    const result = schema.safeParse(body.value);
    if (!result.success) {
        throw new ApiError(400, result.error.issues.map(describe).join("; "));
    }
    return result.data;
}

function describe(issue: z.core.$ZodIssue): string {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
        const prefix = path === "" ? "" : `${path}.`;
        return issue.keys.map((key) => `${prefix}${key}: unknown field`).join("; ");
    }
    return `${path === "" ? "the body" : path}: ${issue.message}`;
}
