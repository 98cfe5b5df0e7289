import * as pulumi from "@pulumi/pulumi";
import type { FunctionName } from "../provider/team/functions/arguments.js";
import type { FunctionResult } from "../provider/team/functions/index.js";
import { type Caller, requireValues } from "./caller.js";

/** Calls functions in the program's own process: a dynamic provider offers none. */
export const inProgram: Caller<[], []> = {
    call: (name, given) => call(name, given, false),
    output: <Name extends FunctionName>(name: Name, given: unknown) => {
        const known: pulumi.Output<unknown> = pulumi.output(given);
        const result = known.apply(async (args) => call(name, args, await pulumi.isSecret(known)));
        // The compiler does not see that a result holds no inputs, so that Pulumi has nothing to unwrap in it.
        return result as pulumi.Output<FunctionResult<Name>>;
    },
};

/** What only functions need is loaded on the first call: a program with keys alone does not pay for it. */
async function call<Name extends FunctionName>(
    name: Name,
    given: unknown,
    isSecret: boolean,
): Promise<FunctionResult<Name>> {
    requireValues(name, given);
    // Not `import()`: Jest runs programs in a context that has none.
    const { runFunction }: typeof import("./session.js") = require("./session.js");
    return runFunction(name, given, isSecret);
}
