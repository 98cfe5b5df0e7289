import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai/native";

/** What a key of these programs may do where nothing else is said. */
export const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

/** A program with one key in native mode. */
export const nativeKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}, opts: pulumi.CustomResourceOptions = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args }, opts);
        return { secret: key.apiKey, id: key.apiKeyId };
    };

/** Something that takes a value, as a secret store does. */
export class Consumer extends pulumi.CustomResource {
    constructor(name: string, value: pulumi.Input<unknown>) {
        const __provider = "exports.handler=()=>({create:async(i)=>({id:'c',outs:i}),update:async(i,o,n)=>({outs:n})})";
        super("pulumi-nodejs:dynamic:Resource", name, { value, __provider });
    }
}
