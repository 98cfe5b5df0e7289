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

/** A dynamic resource whose provider does nothing, so that all that it costs is the engine's. */
class Inert extends pulumi.CustomResource {
    constructor(name: string, inputs: Record<string, unknown>) {
        super("pulumi-nodejs:dynamic:Resource", name, { ...inputs, __provider: NOTHING });
    }
}

/** The same program in native mode. */
export function nativeKeys(count: number, qpm: () => number): () => void {
    return keys(count, qpm, native);
}

/** The same program with an empty resource in place of each key: the least that any dynamic resource costs. */
export function empties(count: number): () => void {
    return () => {
        for (let index = 0; index < count; index += 1) {
            new Inert(`key-${index}`, { qpm: 100 });
        }
    };
}

/** The same program with a resource in place of each key that has as many secrets and bytes in the state. */
export function equals(count: number): () => void {
    const secrets = { mark: pulumi.secret(""), secret: pulumi.secret("x".repeat(160)) };
    return () => {
        for (let index = 0; index < count; index += 1) {
            new Inert(`key-${index}`, { qpm: 100, ...secrets, text: "x".repeat(65) });
        }
    };
}
