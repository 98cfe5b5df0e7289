import * as pulumi from "@pulumi/pulumi";
import type { Session } from "../provider/session.js";
import type { LookUpArguments, LookUpName } from "./lookUpArguments.js";
import { runError } from "./providerText.js";

/**
 * The program's own connection to the Management API, for its look-ups: a dynamic provider serves none.
 *
 * What only a look-up needs is loaded when the first one is called; a program with keys alone does not pay for it.
 */
interface DataSession {
    readonly session: Session;
    /** Answers under way or given, by what was asked of which team. */
    readonly answers: Map<string, Promise<unknown>>;
}

/** One for each deployment, known by its engine's connection: a long-lived process may run many. */
const sessions = new WeakMap<object, Promise<DataSession>>();

/**
 * Runs a look-up with the arguments that it takes.
 *
 * @param given - What the program gave.
 * @param isSecret - Whether that is the program's secret: then none of it is shown.
 * @throws pulumi.RunError with one clear line for whatever the arguments, the settings or the API lack.
 */
export async function lookUp<Name extends LookUpName, T>(
    name: Name,
    given: unknown,
    isSecret: boolean,
    run: (args: LookUpArguments<Name>) => Promise<T>,
): Promise<T> {
    const [{ XaiError }, { readArguments }] = await Promise.all([
        import("../provider/api/errors.js"),
        import("./lookUpArguments.js"),
    ]);
    try {
        return await run(readArguments(name, given, isSecret));
    } catch (error) {
        throw error instanceof XaiError ? runError(error.message) : error;
    }
}

/** The `…Output` twin of a look-up: of inputs, and an output. A secret among them makes its answer one. */
export function lookUpOutput<T>(
    given: object,
    run: (given: unknown, isSecret: boolean) => Promise<T>,
): pulumi.Output<T> {
    const known = pulumi.output(given);
    return known.apply(async (args) => run(args, await pulumi.isSecret(known)));
}

/** The session of the deployment. */
export async function deploymentSession(): Promise<Session> {
    return (await dataSession()).session;
}

/** The same, with the team to ask about. */
export async function sessionFor(given: string | undefined): Promise<{ session: Session; teamId: string }> {
    const session = await deploymentSession();
    return { session, teamId: given ?? (await session.team()) };
}

/**
 * Asks the API once for each team within a deployment. A failure is not kept.
 *
 * @param question - Names what is asked; the same name always stands for the same `ask`.
 */
export async function askOnce<T>(
    question: string,
    given: string | undefined,
    ask: (session: Session, teamId: string) => Promise<T>,
): Promise<{ teamId: string; answer: T }> {
    const { session, answers } = await dataSession();
    const teamId = given ?? (await session.team());
    const key = JSON.stringify([question, teamId]);
    // Only this function writes the map, and a question's name stands for one kind of answer.
    const known = answers.get(key) as Promise<T> | undefined;
    const answer = known ?? ask(session, teamId);
    if (known === undefined) {
        answers.set(key, answer);
        answer.catch(() => answers.delete(key));
    }
    // The answer is shared; what a program does to its copy is its own affair.
    return { teamId, answer: structuredClone(await answer) };
}

function dataSession(): Promise<DataSession> {
    const deployment: object | undefined = pulumi.runtime.getMonitor();
    if (deployment === undefined) {
        return openSession();
    }
    const known = sessions.get(deployment);
    if (known !== undefined) {
        return known;
    }
    const opened = openSession();
    sessions.set(deployment, opened);
    opened.catch(() => sessions.delete(deployment));
    return opened;
}

async function openSession(): Promise<DataSession> {
    const [{ Session: ProviderSession }, { readSettings }] = await Promise.all([
        import("../provider/session.js"),
        import("../provider/settings.js"),
    ]);
    const config = new pulumi.Config("xai");
    const settings = readSettings((key) => config.get(key), process.env);
    return { session: new ProviderSession(settings, (message) => void pulumi.log.warn(message)), answers: new Map() };
}
