import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../../provider/team/functions/arguments.js";
import type { FunctionResult } from "../../provider/team/functions/index.js";
import { SECRET_ARGUMENTS } from "../../provider/team/functions/secretArguments.js";
import { onceKnown, requireValues } from "../callFunction.js";
import { runError } from "../providerText.js";

/** Calls a function of the plugin. */
export function invoke<Name extends FunctionName>(
    name: Name,
    given: unknown,
    opts?: pulumi.InvokeOptions,
): Promise<FunctionResult<Name>> {
    return invokeWith(name, given, false, opts);
}

/** Calls a function of the plugin with inputs, for an output. */
export function invokeOutput<Name extends FunctionName>(
    name: Name,
    given: unknown,
    opts?: pulumi.InvokeOptions,
): pulumi.Output<FunctionResult<Name>> {
    return onceKnown(given, (args, isSecret) => invokeWith(name, args, isSecret, opts));
}

async function invokeWith<Name extends FunctionName>(
    name: Name,
    given: unknown,
    isSecret: boolean,
    opts: pulumi.InvokeOptions = {},
): Promise<FunctionResult<Name>> {
    requireValues(name, given);
    try {
        const args = { ...Object(given), ...(isSecret && { [SECRET_ARGUMENTS]: true }) };
        return await pulumi.runtime.invoke(`xai:index:${name}`, args, opts);
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw runError(message.replace(/^invocation of \S+ returned an error: (?=.)/, ""));
    }
}
