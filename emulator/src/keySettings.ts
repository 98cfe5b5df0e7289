import { ApiError } from "./apiError.js";
import type { Catalogue } from "./catalogue.js";
import type { KeyChanges } from "./keyStore.js";
import type { Dialect } from "./options.js";
import type { CreateBody, RotateBody, UpdatedKey } from "./requestBodies.js";
import { normaliseTimestamp, parseTimestamp } from "./timestamps.js";

/** The rules about the values of a key's fields, beyond their types, and the changes that each request makes. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** The parts of the server's state that the rules depend on. */
export interface SettingsContext {
    dialect: Dialect;
    catalogue: Catalogue;
    now: () => Date;
}

/** The settings of a new key. */
export function newKeySettings(
    body: CreateBody,
    context: SettingsContext,
): KeyChanges & { name: string; acls: string[] } {
    return {
        name: checkedName("name", body.name, context),
        acls: checkedAcls("acls", body.acls ?? [], context),
        qps: body.qps ?? null,
        qpm: body.qpm ?? null,
        tpm: body.tpm ?? null,
        expireTime: checkedExpiry("expireTime", body.expireTime, context),
    };
}

/** The changes of an update: only the fields in its mask. A limit or expiry that the key object lacks is cleared. */
export function updateChanges(key: UpdatedKey, fieldMask: string, context: SettingsContext): KeyChanges {
    const changes: KeyChanges = {};
    for (const path of maskPaths(fieldMask)) {
        switch (maskField(path, context.dialect)) {
            case "name":
                changes.name = checkedName("apiKey.name", key.name, context);
                break;
            case "aclStrings":
                changes.acls = checkedAcls("apiKey.aclStrings", key.aclStrings, context);
                break;
            case "qps":
                changes.qps = key.qps ?? null;
                break;
            case "qpm":
                changes.qpm = key.qpm ?? null;
                break;
            case "tpm":
                changes.tpm = key.tpm ?? null;
                break;
            case "expireTime":
                changes.expireTime = checkedExpiry("apiKey.expireTime", key.expireTime, context);
                break;
            case "disabled":
                changes.disabled = present("apiKey.disabled", key.disabled);
                break;
            case undefined:
                if (context.dialect.unknownMaskPaths === "refused") {
                    throw new ApiError(400, `fieldMask: unknown path "${path}"`);
                }
        }
    }
    return changes;
}

/** The changes of a rotation: the expiry of the new secret, if given, and when the old secret stops working. */
export function rotationChanges(
    body: RotateBody,
    context: SettingsContext,
): { changes: KeyChanges; oldSecretExpireTime: string } {
    const now = context.now().getTime();
    const given = body.oldSecretExpireTime ?? new Date(now + DAY_MS).toISOString();
    // A past time is allowed: it means "at once", and clocks differ.
    if (timestamp("oldSecretExpireTime", given) > now + 7 * DAY_MS) {
        throw new ApiError(400, "oldSecretExpireTime: must be at most 7 days from now");
    }
    const expires = body.expireTime ?? undefined;
    const changes = expires === undefined ? {} : { expireTime: checkedExpiry("expireTime", expires, context) };
    return { changes, oldSecretExpireTime: given };
}

function maskPaths(fieldMask: string): Set<string> {
    const paths = fieldMask.split(",").map((path) => path.trim());
    const named = paths.filter((path) => path !== "");
    if (named.length === 0) {
        throw new ApiError(400, "fieldMask: must name at least one field");
    }
    return new Set(named);
}

type MaskField = "name" | "aclStrings" | "qps" | "qpm" | "tpm" | "expireTime" | "disabled";

function maskField(path: string, { maskSpelling }: Dialect): MaskField | undefined {
    switch (path) {
        case "name":
        case "qps":
        case "qpm":
        case "tpm":
        case "disabled":
            return path;
        case "aclStrings":
        case "expireTime":
            return maskSpelling === "snake" ? undefined : path;
        case "acl_strings":
            return maskSpelling === "camel" ? undefined : "aclStrings";
        case "expire_time":
            return maskSpelling === "camel" ? undefined : "expireTime";
        default:
            return undefined;
    }
}

function checkedName(field: string, given: string | null | undefined, { dialect }: SettingsContext): string {
    const name = present(field, given);
    if (name.trim() === "") {
        throw new ApiError(400, `${field}: must not be empty`);
    }
    return dialect.values === "normalised" ? name.trim() : name;
}

function checkedAcls(
    field: string,
    given: string[] | null | undefined,
    { dialect, catalogue }: SettingsContext,
): string[] {
    const acls = present(field, given);
    const problems = acls.flatMap((acl) => catalogue.aclProblem(acl) ?? []);
    if (problems.length > 0) {
        throw new ApiError(400, `${field}: ${problems.join("; ")}`);
    }
    return dialect.values === "normalised"
        ? [...new Set(acls.map((acl) => catalogue.withModelName(acl)))].sort()
        : acls;
}

function checkedExpiry(
    field: string,
    given: string | null | undefined,
    { dialect, now }: SettingsContext,
): string | null {
    if (given === null || given === undefined) {
        return null;
    }
    if (timestamp(field, given) <= now().getTime()) {
        throw new ApiError(400, `${field}: must be in the future`);
    }
    return dialect.values === "normalised" ? normaliseTimestamp(given) : given;
}

function timestamp(field: string, text: string): number {
    const milliseconds = parseTimestamp(text);
    if (milliseconds === undefined) {
        throw new ApiError(400, `${field}: must be an RFC 3339 time`);
    }
    return milliseconds;
}

function present<T>(field: string, value: T | null | undefined): T {
    if (value === null || value === undefined) {
        throw new ApiError(400, `${field}: is required, because the mask names it`);
    }
    return value;
}
