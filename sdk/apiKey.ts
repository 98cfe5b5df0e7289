import * as pulumi from "@pulumi/pulumi";
import { CONFIGURED_TEAM } from "../provider/configuredTeam.js";
import { DEFAULT_NAME } from "../provider/defaultName.js";
import { configuredSecretTeam } from "./config.js";
import { PROVIDER_TEXT, requireResolvableProvider } from "./providerText.js";
import { pauseStackTraces } from "./stackTraces.js";

/**
 * When a key gets a new secret. A rotation keeps the key's id, name and settings; it happens in `pulumi up` alone, and a
 * preview shows it as an update that says why. A new key needs none.
 *
 * After it `pulumi up` waits until every cluster knows the new secret, as for a new key. On a server without rotation it ends
 * with an error that says how to replace the key instead.
 *
 * All durations are written like `"30d"`, `"12h"` or `"1h30m"`; a day has 24 hours.
 */
export interface XaiApiKeyRotationArgs {
    /**
     * Any values: the key is rotated where they change, or come to a key that is there. Taking them away rotates nothing.
     * They may be secrets; the stack keeps a digest of them.
     */
    triggers?: pulumi.Input<Record<string, unknown> | null | undefined>;
    /**
     * How often: due each time that long has passed since it first stood in the program, at the next `pulumi up`. Counted
     * anew when something else rotates the key. Default: never.
     */
    every?: pulumi.Input<string | null | undefined>;
    /**
     * How long before the expiry: due once less than that is left. The new secret gets a new expiry of the same length.
     * Needs {@link XaiApiKeyArgs.expiresIn}, and is shorter. Default: never.
     */
    beforeExpiry?: pulumi.Input<string | null | undefined>;
    /** How long the old secret still works, its own expiry at most: from `"0s"`, for at once, to `"7d"`. Default: `"24h"`. */
    overlap?: pulumi.Input<string | null | undefined>;
}

/**
 * The arguments of {@link XaiApiKey}. Everything but `teamId` is changed in place, without a new secret.
 */
export interface XaiApiKeyArgs {
    /**
     * The key's name in the xAI Console. It must not be empty, and need not be unique.
     *
     * Default: `<project>-<stack>-<logical name>`, so that whoever reads the console finds the owner.
     */
    name?: pulumi.Input<string>;
    /**
     * What the key may be used for: the API's strings `api-key:model:<name or *>` and `api-key:endpoint:<name or *>`, most
     * easily made with {@link acl}. A set: order and repeats mean nothing. Without both kinds a key can call nothing.
     */
    acls: pulumi.Input<pulumi.Input<string>[]>;
    /** Queries a second; 1 or more. Absent or null: no limit. */
    qps?: pulumi.Input<number | null | undefined>;
    /** Queries a minute; 1 or more. Absent or null: no limit. */
    qpm?: pulumi.Input<number | null | undefined>;
    /**
     * Tokens a minute; 1 or more, as a number or as text. It engages when it is strictly exceeded; requests under way
     * finish. Absent or null: no limit.
     */
    tpm?: pulumi.Input<number | string | null | undefined>;
    /**
     * When the key stops working: an RFC 3339 instant, in the future when it is set. Compared as an instant, so that
     * another way to write it is no change. Each preview warns of a key that has expired, or will within 14 days, with
     * nothing to renew it; another instant revives it in place. Absent or null: never.
     */
    expireTime?: pulumi.Input<string | null | undefined>;
    /**
     * The same as a duration, such as `"90d"`: counted once when the key is created, and again with each rotation. A changed
     * one counts anew. Instead of `expireTime`. Absent or null: as `expireTime` says.
     */
    expiresIn?: pulumi.Input<string | null | undefined>;
    /** When the key gets a new secret, in place. Absent or null: never. */
    rotation?: pulumi.Input<XaiApiKeyRotationArgs | null | undefined>;
    /**
     * Switched off without being deleted. At creation that is a second call: where it fails, the key stays in the stack, and
     * the next `pulumi up` switches it off. Default: false.
     */
    disabled?: pulumi.Input<boolean | null | undefined>;
    /**
     * The team that the key belongs to. **A change replaces the key**, which makes a new secret.
     *
     * Default: `xai:teamId`, then `XAI_TEAM_ID`, then the team of the management key; resolved at creation and kept. A
     * changed `xai:teamId` replaces as well, a changed environment never does.
     */
    teamId?: pulumi.Input<string | undefined>;
    /** Whether creation waits until every cluster knows the key. Default: true. */
    waitForPropagation?: pulumi.Input<boolean | undefined>;
    /** How long it waits at most: a duration such as `"90s"` or `"5m"`. Default: `"5m"`. */
    propagationTimeout?: pulumi.Input<string | undefined>;
    /**
     * What becomes of the key when the stack gives it up: by `pulumi destroy`, by its resource's leaving the program, or by a
     * replacement. `"delete"` deletes it for good; `"disable"` switches it off and leaves it, so that it can be switched on
     * again in the xAI Console, or taken back by {@link XaiApiKeyArgs.adoptKeyId}. What the last `pulumi up` recorded
     * counts. Default: `"delete"`.
     */
    onDelete?: pulumi.Input<"delete" | "disable" | undefined>;
    /**
     * The id of a key that exists already, to be taken over in place of creating one: `pulumi import` cannot do that for a
     * dynamic resource. With {@link XaiApiKeyArgs.existingSecret} it keeps its secret; without that it gets a new one, and the
     * one that it has goes on working for 24 hours, or to its own expiry. Settings that differ become the program's, the name
     * and `disabled` too.
     *
     * Read when the resource is created. Afterwards it may stay or be taken out, but not name another key. A taken-over key is
     * as any: what gives it up deletes it, or disables it with `onDelete: "disable"`.
     */
    adoptKeyId?: pulumi.Input<string | undefined>;
    /**
     * The secret of the key that `adoptKeyId` names. Kept as a secret however it is given, held against what the API shows
     * of it, and stored as the output `apiKey`. Read when the key is taken over; a change afterwards changes nothing.
     */
    existingSecret?: pulumi.Input<string | undefined>;
}

/** What a look-up of an existing key needs beside its id. */
export interface XaiApiKeyState {
    /** The team to look in. Default: as for {@link XaiApiKeyArgs.teamId}. */
    teamId?: pulumi.Input<string>;
}

const TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";

/**
 * An xAI inference API key: created, limited, changed, rotated and deleted by a Pulumi program.
 *
 * Changes go to the API as masked updates that name exactly what changed, and keep the secret; only another team makes a
 * new key. The secret is given once, when the key is created or rotated, and lives as an encrypted output in the stack.
 *
 * @example
 * ```ts
 * import * as xai from "pulumi-xai";
 *
 * const key = new xai.XaiApiKey("search", {
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 *     qps: 5,
 *     qpm: 100,
 * });
 * export const secret = key.apiKey;
 * ```
 *
 * @example A new secret every month, for services that read it at least once a day; it dies by itself after three months
 * ```ts
 * new xai.XaiApiKey("search", {
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 *     expiresIn: "90d",
 *     rotation: { every: "30d", overlap: "48h" },
 * });
 * ```
 *
 * @example Production: a key that `pulumi destroy` and a lost line of code do not take away, and that is switched off rather
 * than deleted once it is given up on purpose
 * ```ts
 * const acls = [xai.acl.allModels, xai.acl.endpoint("chat")];
 * new xai.XaiApiKey("billing", { acls, onDelete: "disable" }, { protect: true });
 * ```
 *
 * @example A key that was made in the xAI Console, taken over with its secret; without `existingSecret` it gets a new one
 * ```ts
 * new xai.XaiApiKey("reports", {
 *     adoptKeyId: config.require("reportsKeyId"),
 *     existingSecret: config.requireSecret("reportsKey"),
 *     acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
 * });
 * ```
 */
export class XaiApiKey extends pulumi.CustomResource {
    /** The key's id; also the resource's. */
    declare readonly apiKeyId: pulumi.Output<string>;
    /**
     * The secret that services send as their bearer token. Always a Pulumi secret. `undefined` for a key from
     * {@link XaiApiKey.get}: the API never shows it again.
     */
    declare readonly apiKey: pulumi.Output<string>;
    /** The secret's beginning and end, as the xAI Console shows it. */
    declare readonly redactedApiKey: pulumi.Output<string>;
    /** The user that the key belongs to: the owner of the management key that made it. */
    declare readonly userId: pulumi.Output<string>;
    /** The team that the key belongs to. */
    declare readonly teamId: pulumi.Output<string>;
    /** When the key was created: RFC 3339, microseconds. */
    declare readonly createTime: pulumi.Output<string>;
    /** When the stack last gave the key a new secret: RFC 3339; `undefined` for never. */
    declare readonly rotatedAt: pulumi.Output<string | undefined>;
    /** Until when the secret before that one works, or worked: RFC 3339. */
    declare readonly previousSecretExpiresAt: pulumi.Output<string | undefined>;
    /** The key's name, as the API holds it. */
    declare readonly name: pulumi.Output<string>;
    /** The permissions, as the API holds them: an alias may have become the model's name. */
    declare readonly acls: pulumi.Output<string[]>;
    /** Queries a second; `undefined` for no limit. */
    declare readonly qps: pulumi.Output<number | undefined>;
    /** Queries a minute; `undefined` for no limit. */
    declare readonly qpm: pulumi.Output<number | undefined>;
    /** Tokens a minute, as the integer text that the API holds; `undefined` for no limit. */
    declare readonly tpm: pulumi.Output<string | undefined>;
    /** When the key stops working: RFC 3339; `undefined` for never. */
    declare readonly expireTime: pulumi.Output<string | undefined>;
    /** Whether the key is switched off. */
    declare readonly disabled: pulumi.Output<boolean>;
    /** The argument of the same name, as given. */
    declare readonly waitForPropagation: pulumi.Output<boolean | undefined>;
    /** The argument of the same name, as given. */
    declare readonly propagationTimeout: pulumi.Output<string | undefined>;
    /** The argument of the same name, as given. */
    declare readonly onDelete: pulumi.Output<"delete" | "disable" | undefined>;

    /**
     * Looks up a key that this stack does not manage. It is read at every run, never changed and never deleted; its
     * secret is not to be had.
     *
     * @param name - The resource's logical name.
     * @param id - The `apiKeyId`.
     * @param state - The team to look in, where it is not the configured one.
     * @throws In the run, where the team's listing does not have the key.
     *
     * @example
     * ```ts
     * const shared = xai.XaiApiKey.get("shared", "b1946ac9-...");
     * export const limits = { qps: shared.qps, qpm: shared.qpm };
     * ```
     */
    static get(
        name: string,
        id: pulumi.Input<pulumi.ID>,
        state?: XaiApiKeyState,
        opts?: pulumi.CustomResourceOptions,
    ): XaiApiKey {
        return new XaiApiKey(name, state, { ...opts, id });
    }

    /** Whether a value is an `XaiApiKey`, made by any copy of this package. */
    static override isInstance(value: unknown): value is XaiApiKey {
        return pulumi.CustomResource.isInstance(value) && Reflect.get(value, "__pulumiType") === TYPE;
    }

    /**
     * @param name - The resource's logical name, unique in the stack.
     * @param args - What the key may do.
     * @param opts - Pulumi's resource options, `protect` and `ignoreChanges` among them.
     * @throws pulumi.RunError where the program's folder lacks `pulumi-xai` as a dependency of its own.
     */
    constructor(name: string, args: XaiApiKeyArgs, opts?: pulumi.CustomResourceOptions);
    /** @internal What {@link XaiApiKey.get} calls. */
    constructor(name: string, args: XaiApiKeyState | undefined, opts: pulumi.CustomResourceOptions);
    constructor(name: string, args?: XaiApiKeyArgs | XaiApiKeyState, opts: pulumi.CustomResourceOptions = {}) {
        requireResolvableProvider(process.cwd());
        const secretTeam = configuredSecretTeam();
        const given = secretTeam === undefined ? { ...args } : withSecretTeam({ ...args });
        const inputs = opts.id === undefined ? withSecret(withDefaultName(name, given)) : given;
        // A property that is not listed here would not exist on the resource, even where the API answers it.
        const properties = { ...NO_OUTPUTS, ...inputs, __provider: PROVIDER_TEXT };
        const options = pulumi.mergeOptions({ additionalSecretOutputs: ["apiKey"] }, opts);
        const traces = pauseStackTraces();
        try {
            super(TYPE, name, properties, options);
        } catch (error) {
            throw traces.traced(error);
        } finally {
            traces.resume();
        }
        if (secretTeam !== undefined) {
            // What was left out by `--target` has its arguments for outputs.
            const both = pulumi.all([this.teamId, secretTeam]);
            this.teamId = both.apply(([team, configured]) => (team === CONFIGURED_TEAM ? configured : team));
        }
    }
}

/** The same class under the name that Pulumi packages would give it: `xai.ApiKey`. */
export const ApiKey = XaiApiKey;
export type ApiKey = XaiApiKey;

/** Every output, so that each exists from the start. */
const NO_OUTPUTS: Readonly<Record<Exclude<keyof XaiApiKey, keyof pulumi.CustomResource>, undefined>> = {
    apiKeyId: undefined,
    apiKey: undefined,
    redactedApiKey: undefined,
    userId: undefined,
    teamId: undefined,
    createTime: undefined,
    rotatedAt: undefined,
    previousSecretExpiresAt: undefined,
    name: undefined,
    acls: undefined,
    qps: undefined,
    qpm: undefined,
    tpm: undefined,
    expireTime: undefined,
    disabled: undefined,
    waitForPropagation: undefined,
    propagationTimeout: undefined,
    onDelete: undefined,
};

function withDefaultName(logicalName: string, given: Partial<XaiApiKeyArgs>) {
    if (given.name !== undefined) {
        return given;
    }
    const name = `${pulumi.getProject()}-${pulumi.getStack()}-${logicalName}`;
    return { ...given, name, [DEFAULT_NAME]: name };
}

/** The arguments with a team that is a secret, however it is given. */
function withSecretTeam(given: Partial<XaiApiKeyArgs>): Partial<XaiApiKeyArgs> {
    const teamId = pulumi.output(given.teamId).apply((team) => team ?? CONFIGURED_TEAM);
    return { ...given, teamId: pulumi.secret(teamId) };
}

/** The arguments with the secret among them as one: given plain, it would stand in the state as it is. */
function withSecret(given: Partial<XaiApiKeyArgs>): Partial<XaiApiKeyArgs> {
    const { existingSecret } = given;
    return existingSecret === undefined ? given : { ...given, existingSecret: pulumi.secret(existingSecret) };
}
