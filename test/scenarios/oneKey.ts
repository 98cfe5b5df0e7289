import * as xai from "pulumi-xai";

/** What a key of these programs may do where nothing else is said. */
export const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

/** A program with one key, whose secret it gives out. */
export const oneKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args });
        return { secret: key.apiKey };
    };
