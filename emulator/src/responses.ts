import { isIPv6 } from "node:net";
import type { StoredKey } from "./keyStore.js";
import type { Dialect } from "./options.js";

/** A key as the server answers it in this dialect. Only `"with secret"` includes the secret. */
export function keyResponse(key: StoredKey, dialect: Dialect, secrecy: "with secret" | "redacted"): object {
    return {
        redactedApiKey: redact(key.apiKey, dialect.redaction),
        ...(secrecy === "with secret" && { apiKey: key.apiKey }),
        userId: key.userId,
        name: key.name,
        createTime: key.createTime,
        modifyTime: key.modifyTime,
        teamId: key.teamId,
        apiKeyId: key.apiKeyId,
        disabled: dialect.disabledAs === "string" ? String(key.disabled) : key.disabled,
        ...optional("expireTime", key.expireTime, dialect),
        ...optional("qps", key.qps, dialect),
        ...optional("qpm", key.qpm, dialect),
        ...optional("tpm", key.tpm !== null && dialect.tpmAs === "number" ? Number(key.tpm) : key.tpm, dialect),
        [dialect.answerSpelling]: key.acls,
    };
}

/** The management key that clients use, as the validation endpoint describes it. */
export interface ManagementKey {
    apiKeyId: string;
    ownerUserId: string;
    teamId: string;
    name: string;
    createTime: string;
    modifyTime: string;
    secret: string;
    acls: readonly string[];
    /** The addresses that may use it, as CIDR blocks. Empty: all. */
    ipRanges: readonly string[];
}

/** The answer of the validation endpoint. */
export function managementKeyResponse({ secret, ipRanges, ...key }: ManagementKey, dialect: Dialect): object {
    const redactedName = dialect.answerSpelling === "acl_strings" ? "reactedApiKey" : "redactedApiKey";
    const response: Record<string, unknown> = {
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
        ipRanges: ipRanges.length === 0 ? null : { ipRanges: ipRanges.map(ipRange) },
    };
    const omitted: readonly string[] = dialect.validationOmits;
    return Object.fromEntries(Object.entries(response).filter(([name]) => !omitted.includes(name)));
}

/** `10.0.0.0/8` in the API's form. */
function ipRange(cidr: string): object {
    const [address = "", prefixLength] = cidr.split("/");
    return {
        address: { [isIPv6(address) ? "ipv6" : "ipv4"]: address },
        prefixLength: Number(prefixLength),
    };
}

/** Shortens a secret so that a reader recognises it, in one of the two published forms. */
function redact(secret: string, form: Dialect["redaction"]): string {
    return form === "dots" ? `xai-...${secret.slice(-4)}` : `xai-${secret.charAt(4)}**${secret.slice(-1)}`;
}

function optional(name: string, value: number | string | null, { unsetAs }: Dialect): object {
    return value === null && unsetAs === "absent" ? {} : { [name]: value };
}
