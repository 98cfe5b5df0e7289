import * as pulumi from "@pulumi/pulumi";
import { XaiError } from "../provider/api/errors.js";
import { Session } from "../provider/hosts/session.js";
import type { FunctionName } from "../provider/team/functions/arguments.js";
import { FUNCTIONS, type FunctionResult } from "../provider/team/functions/index.js";
import { runError } from "./providerText.js";

/**
 * The program's own connection to the Management API: a dynamic provider offers no functions. `callFunction` loads this file, and
 * with it the HTTP client, on the first call of a function. There is one for each deployment, known by the connection to its
 * engine: one process may run many deployments.
 */
const sessions = new WeakMap<object, Session>();

/**
 * Runs a function with the settings of the deployment.
 *
 * @throws pulumi.RunError with one line for whatever is wrong with the arguments, the settings or the API's answer.
 */
export async function runFunction<Name extends FunctionName>(
    name: Name,
    given: unknown,
    isSecret: boolean,
): Promise<FunctionResult<Name>> {
    try {
        const { account, warn } = currentSession().context();
        // The compiler does not see that the function of a name gives the result of that name.
        return (await FUNCTIONS[name](account, given, { isSecret, warn })) as FunctionResult<Name>;
    } catch (error) {
        throw error instanceof XaiError ? runError(error.message) : error;
    }
}

function currentSession(): Session {
    const deployment: object | undefined = pulumi.runtime.getMonitor();
    const session = (deployment && sessions.get(deployment)) ?? openSession();
    if (deployment !== undefined) {
        sessions.set(deployment, session);
    }
    return session;
}

function openSession(): Session {
    const config = new pulumi.Config("xai");
    return new Session((key) => config.get(key), {
        warn: (message) => void pulumi.log.warn(message),
        progress: () => undefined,
        settled: async () => undefined,
    });
}
