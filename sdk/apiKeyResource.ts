import * as pulumi from "@pulumi/pulumi";
import { OUTPUTS } from "../provider/apiKey/outputs.js";

/** What the classes of both modes have in common: the outputs of an API key. */
export abstract class ApiKeyResource extends pulumi.CustomResource {
    /** The key's id; also the resource's id. */
    declare readonly apiKeyId: pulumi.Output<string>;
    /** The secret that services send as their bearer token. Always a Pulumi secret. `undefined` for a key from {@link XaiApiKey.get}. */
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
    /** Until when the secret before that one works: RFC 3339. */
    declare readonly previousSecretExpiresAt: pulumi.Output<string | undefined>;
    /** The key's name, as the API holds it. */
    declare readonly name: pulumi.Output<string>;
    /** The permissions, as the API holds them: an alias may have become the model's name. */
    declare readonly acls: pulumi.Output<string[]>;
    /** Queries a second; `undefined` for no limit. */
    declare readonly qps: pulumi.Output<number | undefined>;
    /** Queries a minute; `undefined` for no limit. */
    declare readonly qpm: pulumi.Output<number | undefined>;
    /** Tokens a minute, as integer text; `undefined` for no limit. */
    declare readonly tpm: pulumi.Output<string | undefined>;
    /** When the key stops working: RFC 3339; `undefined` for never. */
    declare readonly expireTime: pulumi.Output<string | undefined>;
    /** Whether the key is switched off. */
    declare readonly disabled: pulumi.Output<boolean>;
}

/** Every output, so that each exists on a resource from the start. */
export const NO_OUTPUTS: Readonly<Record<string, undefined>> = Object.fromEntries(
    OUTPUTS.map((name) => [name, undefined]),
);
