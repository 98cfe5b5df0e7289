import * as pulumi from "@pulumi/pulumi";
import { XaiError } from "../provider/api/errors.js";
import { Account } from "../provider/team/account.js";
import type { FunctionName } from "../provider/team/functions/arguments.js";
import { FUNCTIONS, type FunctionResult } from "../provider/team/functions/index.js";
import { readSettings } from "../provider/team/settings.js";
import { runError } from "./providerText.js";

/**
 * The program's own connection to the Management API: a dynamic provider offers no functions. {@link callFunction} loads this
 * file, and with it the HTTP client, on the first call of a function.
 */
interface Session {
    readonly account: Account;
    readonly warn: (message: string) => void;
}

/** One for each deployment, known by the connection to its engine: one process may run many deployments. */
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
        const { account, warn } = currentSession();
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
    const shown = new Set<string>();
    const warn = (message: string) => {
        if (!shown.has(message)) {
            shown.add(message);
            void pulumi.log.warn(message);
        }
    };
    return {
        account: new Account(
            readSettings((key) => config.get(key), process.env),
            warn,
        ),
        warn,
    };
}
