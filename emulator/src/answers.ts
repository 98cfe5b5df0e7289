import type { Dialect } from "./options.js";
import type { StoredKey } from "./store.js";

/** What the server says of a key, as the dialect has it. The secret is in it only where `withSecret` says so. */
export function keyAnswer(key: StoredKey, dialect: Dialect, withSecret: "with secret" | "redacted"): object {
    return {
        redactedApiKey: redact(key.apiKey, dialect.redaction),
        ...(withSecret === "with secret" && { apiKey: key.apiKey }),
        userId: key.userId,
        name: key.name,
        createTime: key.createTime,
        modifyTime: key.modifyTime,
        teamId: key.teamId,
        apiKeyId: key.apiKeyId,
        disabled: dialect.disabledAs === "string" ? String(key.disabled) : key.disabled,
        ...settable("expireTime", key.expireTime, dialect),
        ...settable("qps", key.qps, dialect),
        ...settable("qpm", key.qpm, dialect),
        ...settable("tpm", key.tpm !== null && dialect.tpmAs === "number" ? Number(key.tpm) : key.tpm, dialect),
        [dialect.answerSpelling]: key.acls,
    };
}

/** Enough of a secret to recognise it by, in one of the two published forms. */
export function redact(secret: string, form: Dialect["redaction"]): string {
    return form === "dots" ? `xai-...${secret.slice(-4)}` : `xai-${secret.charAt(4)}**${secret.slice(-1)}`;
}

/** The management key that asks, as the validation endpoint describes it. */
export interface ManagementKey {
    apiKeyId: string;
    ownerUserId: string;
    teamId: string;
    name: string;
    createTime: string;
    modifyTime: string;
    secret: string;
    acls: readonly string[];
}

/** What the server says of the management key that asks. */
export function managementKeyAnswer({ secret, ...key }: ManagementKey, dialect: Dialect): object {
    const redactedName = dialect.answerSpelling === "acl_strings" ? "reactedApiKey" : "redactedApiKey";
    return {
        apiKeyId: key.apiKeyId,
        scope: "SCOPE_TEAM",
        scopeId: key.teamId,
        teamId: key.teamId,
        ownerUserId: key.ownerUserId,
        createTime: key.createTime,
        modifyTime: key.modifyTime,
        name: key.name,
        acls: key.acls,
        [redactedName]: redact(secret, dialect.redaction),
        ipRanges: [],
    };
}

function settable(name: string, value: number | string | null, { unsetAs }: Dialect): object {
    return value === null && unsetAs === "absent" ? {} : { [name]: value };
}
