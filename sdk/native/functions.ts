import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../../provider/team/functions/arguments.js";
import type { FunctionResult } from "../../provider/team/functions/index.js";
import { SECRET_ARGUMENTS } from "../../provider/team/functions/secretArguments.js";
import { type Caller, requireValues } from "../caller.js";
import { keyFunctions } from "../keys.js";
import { managementKeyFunctions } from "../managementKey.js";
import { modelFunctions } from "../models.js";
import { runError } from "../providerText.js";

/** The functions in native mode: invokes of the plugin, which take Pulumi's options. */
const inPlugin: Caller<[opts?: pulumi.InvokeOptions], [opts?: pulumi.InvokeOutputOptions]> = {
    call: (name, given, opts) => invoke(name, given, false, opts),
    output: <Name extends FunctionName>(name: Name, given: unknown, opts?: pulumi.InvokeOutputOptions) => {
        const known: pulumi.Output<unknown> = pulumi.output(given);
        const result = known.apply(async (args) => invoke(name, args, await pulumi.isSecret(known), opts));
        // The compiler does not see that a result holds no inputs, so that Pulumi has nothing to unwrap in it.
        return result as pulumi.Output<FunctionResult<Name>>;
    },
};

async function invoke<Name extends FunctionName>(
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

export const { getModels, getModelsOutput, getModel, getModelOutput, getEndpoints, getEndpointsOutput } =
    modelFunctions(inPlugin);
export const { getApiKeys, getApiKeysOutput, getApiKey, getApiKeyOutput } = keyFunctions(inPlugin);
export const { getManagementKey, getManagementKeyOutput } = managementKeyFunctions(inPlugin);
