/**
 * The laden floor: the floor with as many properties as a key has, at least as long. Its provider does nothing either, so that
 * what it takes beyond the floor is what Pulumi takes for properties, whoever's they are.
 */
import * as pulumi from "@pulumi/pulumi";
import { count, qpm } from "./size.js";

const PROVIDER = `exports.handler=()=>({create:async inputs=>{const{randomUUID}=require("crypto");return{id:randomUUID(),outs:{...inputs,apiKeyId:randomUUID(),apiKey:"x".repeat(84),redactedApiKey:"xai-...wxyz",userId:randomUUID(),createTime:"2030-01-01T00:00:00.000000Z",disabled:false}}},update:async(id,olds,news)=>({outs:{...olds,...news}})})`;

/** What the program does not give, and has all the same. */
const OUTPUTS = {
    apiKeyId: undefined,
    apiKey: undefined,
    redactedApiKey: undefined,
    userId: undefined,
    createTime: undefined,
    rotatedAt: undefined,
    previousSecretExpiresAt: undefined,
    qps: undefined,
    tpm: undefined,
    expireTime: undefined,
    disabled: undefined,
    waitForPropagation: undefined,
    propagationTimeout: undefined,
    onDelete: undefined,
};

class Laden extends pulumi.CustomResource {
    constructor(name: string) {
        const inputs = {
            name: `bench-laden-bench-${name}`,
            acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
            teamId: "00000000-0000-4000-8000-000000000000",
            qpm,
        };
        const options = { additionalSecretOutputs: ["apiKey"] };
        super("pulumi-nodejs:dynamic:Resource", name, { ...OUTPUTS, ...inputs, __provider: PROVIDER }, options);
    }
}

for (let index = 0; index < count; index += 1) {
    new Laden(`key-${index}`);
}
