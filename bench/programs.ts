import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import * as native from "pulumi-xai/native";

/** A program of a number of keys, each with the same limit. */
export function keys(count: number, qpm: () => number, { XaiApiKey }: typeof xai | typeof native = xai): () => void {
    return () => {
        for (let index = 0; index < count; index += 1) {
            new XaiApiKey(`key-${index}`, {
                acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
                qpm: qpm(),
            });
        }
    };
}

const NOTHING = "exports.handler=()=>({create:async outs=>({id:require('crypto').randomUUID(),outs})})";

/** The least that any dynamic resource costs: its provider does nothing, so the rest is the engine's. */
class Empty extends pulumi.CustomResource {
    constructor(name: string) {
        super("pulumi-nodejs:dynamic:Resource", name, { qpm: 100, __provider: NOTHING });
    }
}

/** The same program in native mode. */
export function nativeKeys(count: number, qpm: () => number): () => void {
    return keys(count, qpm, native);
}

/** The same program with an empty resource in place of each key. */
export function empties(count: number): () => void {
    return () => {
        for (let index = 0; index < count; index += 1) {
            new Empty(`key-${index}`);
        }
    };
}
