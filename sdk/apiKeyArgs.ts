import type * as pulumi from "@pulumi/pulumi";

/** A value that may be left out; null and undefined mean the same. */
type Optional<T> = pulumi.Input<T | null | undefined>;

/**
 * When a key gets a new secret. A rotation keeps the key's id, name and settings. It happens in `pulumi up` alone; a preview
 * shows it as an update with its reason. After it, `pulumi up` waits until every cluster knows the new secret.
 *
 * Durations are written like `"30d"`, `"12h"` or `"1h30m"`; a day has 24 hours.
 */
export interface XaiApiKeyRotationArgs {
    /** Any values. The key is rotated when one is added or changed. Taking one away rotates nothing. Values may be secrets. */
    triggers?: Optional<Record<string, unknown>>;
    /** How often. Counted from the first `pulumi up` that has it, and anew at each rotation. Default: never. */
    every?: Optional<string>;
    /**
     * How long before the expiry. The new secret gets a new expiry of the same length. Needs {@link XaiApiKeyArgs.expiresIn},
     * and is shorter. Default: never.
     */
    beforeExpiry?: Optional<string>;
    /** How long the old secret goes on working: from `"0s"`, which ends it at once, to `"7d"`. Default: `"24h"`. */
    overlap?: Optional<string>;
}

/** The arguments of {@link XaiApiKey}. Everything but `teamId` changes in place, without a new secret. */
export interface XaiApiKeyArgs {
    /**
     * What the key may be used for: `api-key:model:<name or *>` and `api-key:endpoint:<name or *>`, most easily made with
     * {@link acl}. A set: order and repeats mean nothing. A key needs at least one of each kind, or it can call nothing.
     */
    acls: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * The name in the xAI Console. It must not be empty, and need not be unique.
     *
     * Default: `<project>-<stack>-<logical name>`, so that a reader of the console finds the owner.
     */
    name?: Optional<string>;
    /** Queries a second; a whole number from 1. Default: no limit. */
    qps?: Optional<number>;
    /** Queries a minute; a whole number from 1. Default: no limit. */
    qpm?: Optional<number>;
    /** Tokens a minute; a whole number from 1, as a number or as text. Requests under way finish. Default: no limit. */
    tpm?: Optional<number | string>;
    /**
     * When the key stops working: an RFC 3339 instant, in the future when it is set. Compared as an instant, to the second:
     * another way to write it is no change. A later instant revives an expired key in place. Default: never.
     */
    expireTime?: Optional<string>;
    /**
     * The same as a duration, such as `"90d"`: counted at creation and again at each rotation. A changed duration counts anew. Excludes
     * `expireTime`. Default: none.
     */
    expiresIn?: Optional<string>;
    /** When the key gets a new secret, in place. Default: never. */
    rotation?: Optional<XaiApiKeyRotationArgs>;
    /**
     * `true` switches the key off; `false` keeps it on. Left out, the provider does not manage it: a new key is on, and
     * afterwards it stays as it is found. Only `false` ever switches a key on, because xAI switches off keys that it finds leaked.
     */
    disabled?: Optional<boolean>;
    /**
     * The team that the key belongs to. **A change replaces the key**, which gives it a new secret.
     *
     * Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's team; resolved at creation and kept. A configuration
     * that changes later moves no key.
     */
    teamId?: Optional<string>;
    /** Whether `pulumi up` waits until every cluster knows a new secret. Default: true. */
    waitForPropagation?: Optional<boolean>;
    /** The limit of that wait: a duration such as `"90s"`. Default: `"5m"`. */
    propagationTimeout?: Optional<string>;
    /**
     * What a delete does, also that of a replaced key: `"delete"` deletes the key for good; `"disable"` switches it off and leaves
     * it in the team. Delete uses the value from the last `pulumi up`. Default: `"delete"`.
     */
    onDelete?: Optional<"delete" | "disable">;
    /**
     * The id of a key that exists, to adopt in the place of creating one. Its settings become those of the program. With
     * {@link XaiApiKeyArgs.existingSecret} it keeps its secret; otherwise it gets a new one, and the old one works for the
     * rotation's `overlap`. Read when the resource is created. Afterwards it may stay or be taken out, but not name another key.
     */
    adoptKeyId?: Optional<string>;
    /**
     * The secret of the key that `adoptKeyId` names. Compared with the part of it that the API shows, and stored as the output
     * `apiKey`. Always treated as a secret. Read when the key is adopted.
     */
    existingSecret?: Optional<string>;
}

/** Where {@link XaiApiKey.get} looks. */
export interface XaiApiKeyState {
    /** The team. Default: as for {@link XaiApiKeyArgs.teamId}. */
    teamId?: Optional<string>;
}
