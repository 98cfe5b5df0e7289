import * as pulumi from "@pulumi/pulumi";

/** Something that takes a value, as a secret store does. */
export class Consumer extends pulumi.CustomResource {
    constructor(name: string, value: pulumi.Input<unknown>) {
        const __provider = "exports.handler=()=>({create:async(i)=>({id:'c',outs:i}),update:async(i,o,n)=>({outs:n})})";
        super("pulumi-nodejs:dynamic:Resource", name, { value, __provider });
    }
}
