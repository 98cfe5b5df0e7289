/**
 * What an emulator can be told when it starts: which of the published dialects of the Management API it speaks, how long
 * things take, and whose keys it holds. Everything has a default, so `startEmulator()` alone is a working server.
 */

/**
 * The points in which the published descriptions of the API differ, or say nothing. A client should pass under every
 * combination; a test names only what it is about:
 *
 * ```ts
 * await startEmulator({ dialect: { updateRoute: "guide", maskSpelling: "snake" } });
 * ```
 */
export interface Dialect {
    /**
     * Which update route there is: the guide's `PUT /auth/teams/{teamId}/api-keys`, the reference's
     * `PUT /auth/api-keys/{apiKeyId}`, or both. Default `"both"`.
     */
    updateRoute: "guide" | "reference" | "both";
    /** What a route that this dialect lacks answers. Default 404. */
    missingRoute: 404 | 405 | 501;
    /** How `fieldMask` spells the two compound names: `aclStrings,expireTime` or `acl_strings,expire_time`. Default `"both"`. */
    maskSpelling: "camel" | "snake" | "both";
    /** What answers call a key's permissions. Default `"aclStrings"`. */
    answerSpelling: "aclStrings" | "acl_strings";
    /** `"disabled": false` or, as in the reference's list example, `"disabled": "false"`. Default `"boolean"`. */
    disabledAs: "boolean" | "string";
    /** Whether limits and `expireTime` that are not set are left out of answers or answered as null. Default `"absent"`. */
    unsetAs: "absent" | "null";
    /** Whether answers hold `tpm` as the documented integer string or as a number. Default `"string"`. */
    tpmAs: "string" | "number";
    /** A mask path that is not understood: 400, or 200 with nothing changed for that path. Default `"refused"`. */
    unknownMaskPaths: "refused" | "ignored";
    /**
     * Whether values are kept as they were sent, or normalised: model aliases become model names, times become UTC with
     * microseconds, permissions are sorted and deduplicated, names are trimmed. Default `"kept"`.
     */
    values: "kept" | "normalised";
    /** How `redactedApiKey` looks: `xai-...oYZ4` or `xai-a**b`. Default `"dots"`. */
    redaction: "dots" | "stars";
    /** Whether there is a rotation route. Default true. */
    rotation: boolean;
    /**
     * Whether there is a route that validates the management key. Default true. Its answer misspells `redactedApiKey` as
     * `reactedApiKey` where `answerSpelling` is `"acl_strings"`: both slips are from the reference's own examples.
     */
    validation: boolean;
    /** Listings answer at most this many keys a page, whatever `pageSize` asks for. Default 100. */
    maxPageSize: number;
    /**
     * Where an error's text stands: `{ code, message }`, `{ error: { code, message } }`, `{ code, error }`, plain text, or
     * an HTML page. Default `"message"`.
     */
    errorBody: "message" | "error.message" | "error" | "text" | "html";
}

/**
 * How long after its creation (or rotation) a key becomes known on the clusters, in milliseconds of real time: one figure
 * for all, or one for each cluster address (0 for those not named). `"never"` never ends.
 *
 * ```ts
 * { "us-east-1": 200, "eu-west-1": "never" }
 * ```
 */
export type Propagation = number | "never" | Record<string, number | "never">;

/** A limit on requests, after which the server answers 429. It holds for the server as a whole. */
export interface RateLimit {
    /** Requests a second that are let through in the long run. */
    perSecond: number;
    /** How many may come at once after a pause. Default `perSecond`, at least 1. */
    burst?: number;
    /** How the refusal says when to come back: `Retry-After` as whole seconds, as an HTTP date, not at all, or as this text. */
    retryAfter: "seconds" | "date" | "none" | { text: string };
}

/** What {@link startEmulator} can be told. */
export interface EmulatorOptions {
    /** The port on 127.0.0.1, the only address that is ever bound. Default 0: any free one. */
    port?: number;
    /** The management key that is accepted. Default: a random one, `xai-token-` and 40 random alphanumerics. */
    managementKey?: string;
    /** The team that the management key belongs to. Default: a random UUID. */
    teamId?: string;
    /** Whether listings hold only the keys of the management key's user, who then is no team admin. Default false. */
    ownKeysOnly?: boolean;
    /** Further teams that the management key may use. Default none. */
    otherTeams?: string[];
    /** Where the dialect differs from the default one. */
    dialect?: Partial<Dialect>;
    /** The addresses of the clusters. Default `["us-east-1", "eu-west-1"]`. */
    clusters?: string[];
    /** How long new keys take to become known. Default 0: at once. */
    propagation?: Propagation;
    /** How long each request waits before anything else happens, in milliseconds. Default 0. */
    latencyMs?: number;
    /** Default: no limit. */
    rateLimit?: RateLimit;
    /**
     * The server's clock, for every instant that it writes, compares or answers (the `Date` header too). Durations such as
     * propagation and latency are real time whatever it says. Default: the real clock.
     */
    now?: () => Date;
}

/** The dialect that is spoken where nothing else is said. */
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
    maxPageSize: 100,
    errorBody: "message",
};

/** The clusters that there are where nothing else is said. */
export const DEFAULT_CLUSTERS: readonly string[] = ["us-east-1", "eu-west-1"];
