import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../provider/team/functions/arguments.js";
import type { FunctionResult } from "../provider/team/functions/index.js";
import { runError } from "./providerText.js";

/**
 * Calls a function. What only functions need is loaded on the first call: a program with keys alone does not pay for it.
 *
 * @param given - The arguments, as the program gave them.
 */
export async function callFunction<Name extends FunctionName>(
    name: Name,
    given: unknown,
    isSecret = false,
): Promise<FunctionResult<Name>> {
    requireValues(name, given);
    // Not `import()`: Jest runs programs in a context that has none.
    const { runFunction }: typeof import("./session.js") = require("./session.js");
    return runFunction(name, given, isSecret);
}

/** Calls a function with inputs, for an output. */
export function callFunctionOutput<Name extends FunctionName>(
    name: Name,
    given: unknown,
): pulumi.Output<FunctionResult<Name>> {
    return onceKnown(given, (args, isSecret) => callFunction(name, args, isSecret));
}

/** Calls with the values of inputs, once they are known. A secret among the inputs makes the output a secret. */
export function onceKnown<Result>(
    given: unknown,
    call: (args: unknown, isSecret: boolean) => Promise<Result>,
): pulumi.Output<Result> {
    const known: pulumi.Output<unknown> = pulumi.output(given);
    const result = known.apply(async (args) => call(args, await pulumi.isSecret(known)));
    // The compiler does not see that a result holds no inputs, so that Pulumi has nothing to unwrap in it.
    return result as pulumi.Output<Result>;
}

/**
 * Makes sure that a function gets values, not outputs.
 *
 * @throws pulumi.RunError that names the first output, and the function that takes it.
 */
export function requireValues(name: FunctionName, given: unknown): void {
    const later = pulumi.Output.isInstance(given)
        ? "the arguments are"
        : Object.entries(given ?? {})
              .filter(([, value]) => pulumi.Output.isInstance(value))
              .map(([argument]) => `\`${argument}\` is`)[0];
    if (later !== undefined) {
        throw runError(`Wrong arguments of ${name}: ${later} an output, whose value comes later. Use ${name}Output.`);
    }
}

/** The arguments of a function whose first one stands by itself. */
export function withName(name: unknown, args: unknown): unknown {
    return typeof args === "object" && !pulumi.Output.isInstance(args) ? { ...args, name } : args;
}
