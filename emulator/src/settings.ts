import type { CreateBody, RotateBody, UpdatedKey } from "./bodies.js";
import type { Catalogue } from "./catalogue.js";
import { normaliseInstant, parseInstant } from "./instants.js";
import type { Dialect } from "./options.js";
import { Refusal } from "./refusal.js";
import type { KeyChanges } from "./store.js";

/** What a key may be set to: the rules about values, beyond their types, and what the server makes of them. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the rules need to know of the server. */
export interface Rules {
    dialect: Dialect;
    catalogue: Catalogue;
    now: () => Date;
}

/** The settings of a new key. */
export function created(body: CreateBody, rules: Rules): KeyChanges & { name: string; acls: string[] } {
    return {
        name: checkedName("name", body.name, rules),
        acls: checkedAcls("acls", body.acls ?? [], rules),
        qps: body.qps ?? null,
        qpm: body.qpm ?? null,
        tpm: body.tpm ?? null,
        expireTime: checkedExpiry("expireTime", body.expireTime, rules),
    };
}

/** What an update changes: the fields in its mask and no others. A limit or expiry that the key object lacks is cleared. */
export function updated(key: UpdatedKey, fieldMask: string, rules: Rules): KeyChanges {
    const changes: KeyChanges = {};
    for (const path of maskPaths(fieldMask)) {
        switch (meaningOf(path, rules.dialect)) {
            case "name":
                changes.name = checkedName("apiKey.name", key.name, rules);
                break;
            case "aclStrings":
                changes.acls = checkedAcls("apiKey.aclStrings", key.aclStrings, rules);
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
                changes.expireTime = checkedExpiry("apiKey.expireTime", key.expireTime, rules);
                break;
            case "disabled":
                changes.disabled = present("apiKey.disabled", key.disabled);
                break;
            case undefined:
                if (rules.dialect.unknownMaskPaths === "refused") {
                    throw new Refusal(400, `fieldMask: unknown path "${path}"`);
                }
        }
    }
    return changes;
}

/** What a rotation sets: the expiry of the new secret where it is given, and when the old one stops working. */
export function rotated(body: RotateBody, rules: Rules): { changes: KeyChanges; oldSecretExpireTime: string } {
    const now = rules.now().getTime();
    const given = body.oldSecretExpireTime ?? new Date(now + DAY_MS).toISOString();
    // A time that is past is not refused: it is how a client says "at once", and clocks differ.
    if (instant("oldSecretExpireTime", given) > now + 7 * DAY_MS) {
        throw new Refusal(400, "oldSecretExpireTime: must be at most 7 days from now");
    }
    const expires = body.expireTime ?? undefined;
    const changes = expires === undefined ? {} : { expireTime: checkedExpiry("expireTime", expires, rules) };
    return { changes, oldSecretExpireTime: given };
}

function maskPaths(fieldMask: string): Set<string> {
    const paths = fieldMask.split(",").map((path) => path.trim());
    const named = paths.filter((path) => path !== "");
    if (named.length === 0) {
        throw new Refusal(400, "fieldMask: must name at least one field");
    }
    return new Set(named);
}

type Maskable = "name" | "aclStrings" | "qps" | "qpm" | "tpm" | "expireTime" | "disabled";

function meaningOf(path: string, { maskSpelling }: Dialect): Maskable | undefined {
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

function checkedName(field: string, given: string | null | undefined, { dialect }: Rules): string {
    const name = present(field, given);
    if (name.trim() === "") {
        throw new Refusal(400, `${field}: must not be empty`);
    }
    return dialect.values === "normalised" ? name.trim() : name;
}

function checkedAcls(field: string, given: string[] | null | undefined, { dialect, catalogue }: Rules): string[] {
    const acls = present(field, given);
    const problems = acls.flatMap((acl) => catalogue.aclProblem(acl) ?? []);
    if (problems.length > 0) {
        throw new Refusal(400, `${field}: ${problems.join("; ")}`);
    }
    return dialect.values === "normalised"
        ? [...new Set(acls.map((acl) => catalogue.withModelName(acl)))].sort()
        : acls;
}

function checkedExpiry(field: string, given: string | null | undefined, { dialect, now }: Rules): string | null {
    if (given === null || given === undefined) {
        return null;
    }
    if (instant(field, given) <= now().getTime()) {
        throw new Refusal(400, `${field}: must be in the future`);
    }
    return dialect.values === "normalised" ? normaliseInstant(given) : given;
}

function instant(field: string, text: string): number {
    const milliseconds = parseInstant(text);
    if (milliseconds === undefined) {
        throw new Refusal(400, `${field}: must be an RFC 3339 instant`);
    }
    return milliseconds;
}

function present<T>(field: string, value: T | null | undefined): T {
    if (value === null || value === undefined) {
        throw new Refusal(400, `${field}: must be given, for the mask names it`);
    }
    return value;
}
