import type { ExtraModel } from "./models.js";

/** The options of an emulator. Each has a default: `startEmulator()` alone starts a working server. */

/**
 * The points in which the published descriptions of the API differ, or say nothing. A client should work with every
 * combination. A test sets only what it is about:
 *
 * ```ts
 * await startEmulator({ dialect: { updateRoute: "guide", maskSpelling: "snake" } });
 * ```
 */
export interface Dialect {
    /**
     * The update route of the server: the guide's `PUT /auth/teams/{teamId}/api-keys`, the reference's
     * `PUT /auth/api-keys/{apiKeyId}`, or both. Default `"both"`.
     */
    updateRoute: "guide" | "reference" | "both";
    /** The status for a route that this dialect lacks. Default 404. */
    missingRoute: 404 | 405 | 501;
    /** How `fieldMask` spells the two compound names: `aclStrings,expireTime` or `acl_strings,expire_time`. Default `"both"`. */
    maskSpelling: "camel" | "snake" | "both";
    /** The name of a key's permissions in answers. Default `"aclStrings"`. */
    answerSpelling: "aclStrings" | "acl_strings";
    /** `"disabled": false` or, as in the reference's list example, `"disabled": "false"`. Default `"boolean"`. */
    disabledAs: "boolean" | "string";
    /** Whether answers leave out a limit or `expireTime` that is not set, or answer null. Default `"absent"`. */
    unsetAs: "absent" | "null";
    /** Whether answers hold `tpm` as the documented integer string or as a number. Default `"string"`. */
    tpmAs: "string" | "number";
    /** The answer to a mask path that the server does not know: 400, or 200 without a change for that path. Default `"refused"`. */
    unknownMaskPaths: "refused" | "ignored";
    /**
     * Whether the server keeps values as a client sent them, or normalises them: model aliases become model names, times
     * become UTC with microseconds, permissions are sorted and deduplicated, names are trimmed. Default `"kept"`.
     */
    values: "kept" | "normalised";
    /** How `redactedApiKey` looks: `xai-...oYZ4` or `xai-a**b`. Default `"dots"`. */
    redaction: "dots" | "stars";
    /** Whether the server has the rotation route. Default true. */
    rotation: boolean;
    /**
     * Whether the server has the route that validates the management key. Default true. With `answerSpelling:
     * "acl_strings"` its answer misspells `redactedApiKey` as `reactedApiKey`, as the reference's example does.
     */
    validation: boolean;
    /** Fields that the answer of the validation route lacks. Default: none. */
    validationOmits: readonly ValidationField[];
    /** The largest page of a listing: a larger `pageSize` gets this many keys. Default 100. */
    maxPageSize: number;
    /**
     * The form of an error: `{ code, message, details }`, `{ error: { code, message, details } }`, `{ code, error }`, plain
     * text, or an HTML page. Codes are gRPC's numbers. Default `"message"`.
     */
    errorBody: "message" | "error.message" | "error" | "text" | "html";
}

/** A field of the validation answer that {@link Dialect.validationOmits} can leave out. */
export type ValidationField = "scope" | "scopeId" | "teamId" | "ownerUserId" | "name" | "acls" | "ipRanges";

/**
 * How long after its creation or rotation a key becomes known on the clusters, in milliseconds of real time: one number
 * for all clusters, or one for each cluster address (0 for the others). `"never"` never ends.
 *
 * ```ts
 * { "us-east-1": 200, "eu-west-1": "never" }
 * ```
 */
export type Propagation = number | "never" | Record<string, number | "never">;

/** A limit on requests. Beyond it the server answers 429. All clients share it. */
export interface RateLimit {
    /** Requests a second on average. */
    perSecond: number;
    /** Requests at once after a pause. Default `perSecond`, at least 1. */
    burst?: number;
    /** How the answer says when to come back: `Retry-After` as whole seconds, as an HTTP date, not at all, or as this text. */
    retryAfter: "seconds" | "date" | "none" | { text: string };
}

/** The options of {@link startEmulator}. */
export interface EmulatorOptions {
    /** The port on 127.0.0.1, the only address that the emulator listens on. Default 0: any free port. */
    port?: number;
    /** The management key that clients must send. Default: a random one, `xai-token-` and 40 random alphanumerics. */
    managementKey?: string;
    /** The team that the management key belongs to. Default: a random UUID. */
    teamId?: string;
    /** Whether listings hold only the keys of the management key's user, who then is no team admin. Default false. */
    ownKeysOnly?: boolean;
    /** More teams that the management key may use. Default none. */
    otherTeams?: string[];
    /** CIDR blocks that the validation answer names as allowed, such as `["10.0.0.0/8"]`. They restrict nothing here. Default none. */
    ipRanges?: string[];
    /** Where the dialect differs from the default one. */
    dialect?: Partial<Dialect>;
    /** The addresses of the clusters. Default `["us-east-1", "eu-west-1"]`. */
    clusters?: string[];
    /**
     * Models beside the usual ones, on every cluster, by the name of their list. A list that the API does not have today
     * stands for a kind of models that is new. Default none.
     *
     * ```ts
     * { speechModels: [{ name: "grok-voice" }], languageModels: [{ name: "grok-9", aliases: ["grok-next"] }] }
     * ```
     */
    extraModels?: Record<string, ExtraModel[]>;
    /** How long new keys take to become known. Default 0: at once. */
    propagation?: Propagation;
    /** How long each request waits before anything else happens, in milliseconds. Default 0. */
    latencyMs?: number;
    /** Default: no limit. */
    rateLimit?: RateLimit;
    /**
     * The server's clock, for every time that it writes, compares or answers (the `Date` header too). Propagation and
     * latency always take real time. Default: the real clock.
     */
    now?: () => Date;
}

/** The dialect of an emulator without the option `dialect`. */
export const DEFAULT_DIALECT: Readonly<Dialect> = {
    updateRoute: "both",
    missingRoute: 404,
    maskSpelling: "both",
    answerSpelling: "aclStrings",
    disabledAs: "boolean",
    unsetAs: "absent",
    tpmAs: "string",
    unknownMaskPaths: "refused",
    values: "kept",
    redaction: "dots",
    rotation: true,
    validation: true,
    validationOmits: [],
    maxPageSize: 100,
    errorBody: "message",
};

/** The clusters of an emulator without the option `clusters`. */
export const DEFAULT_CLUSTERS: readonly string[] = ["us-east-1", "eu-west-1"];
