import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../provider/team/functions/arguments.js";
import type { FunctionResult } from "../provider/team/functions/index.js";
import { runError } from "./providerText.js";

/** A way to call the functions: in the program's own process, or in the plugin. Each takes options of its own. */
export interface Caller<Options extends unknown[], OutputOptions extends unknown[]> {
    /** @param given - The arguments, as the program gave them. */
    call<Name extends FunctionName>(name: Name, given: unknown, ...options: Options): Promise<FunctionResult<Name>>;
    /** With inputs, for an output. A secret among the inputs makes the output a secret. */
    output<Name extends FunctionName>(
        name: Name,
        given: unknown,
        ...options: OutputOptions
    ): pulumi.Output<FunctionResult<Name>>;
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
