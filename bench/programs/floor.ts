/**
 * The floor: the same program with an empty dynamic resource in place of each key. Its provider is a constant text and does
 * nothing, so that what is left is the engine's own.
 */
import * as pulumi from "@pulumi/pulumi";
import { count, qpm } from "./size.js";

const PROVIDER = `exports.handler=()=>({create:async inputs=>({id:require("crypto").randomUUID(),outs:inputs}),update:async(id,olds,news)=>({outs:news})})`;

class Empty extends pulumi.CustomResource {
    constructor(name: string) {
        super("pulumi-nodejs:dynamic:Resource", name, { qpm, __provider: PROVIDER });
    }
}

for (let index = 0; index < count; index += 1) {
    new Empty(`key-${index}`);
}
