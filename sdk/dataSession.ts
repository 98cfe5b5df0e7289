import * as pulumi from "@pulumi/pulumi";
import type { Session } from "../provider/session.js";
import { runError } from "./providerText.js";

/**
 * The program's own connection to the Management API, for the data sources: a dynamic provider serves none.
 *
 * What only a data source needs is loaded when the first one is called; a program with keys alone does not pay for it.
 */
interface DataSession {
    readonly session: Session;
    /** Answers under way or given, by what was asked of which team. */
    readonly answers: Map<string, Promise<unknown>>;
}

/** One for each deployment, known by its engine's connection: a long-lived process may run many. */
const sessions = new WeakMap<object, Promise<DataSession>>();

/** Where the team's data is read. */
export interface TeamArgs {
    /** The team. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: string;
}

/**
 * Asks the API once for each team within a deployment. A failure is not kept.
 *
 * @param question - Names what is asked; the same name always stands for the same `ask`.
 * @throws pulumi.RunError with one clear line for whatever the settings or the API lack.
 */
export async function askOnce<T>(
    question: string,
    args: TeamArgs,
    ask: (session: Session, teamId: string) => Promise<T>,
): Promise<T> {
    const { XaiError } = await import("../provider/api/errors.js");
    try {
        const { session, answers } = await dataSession();
        const teamId = args.teamId ?? (await session.team());
        const key = JSON.stringify([question, teamId]);
        // Only this function writes the map, and a question's name stands for one kind of answer.
        const known = answers.get(key) as Promise<T> | undefined;
        const answer = known ?? ask(session, teamId);
        if (known === undefined) {
            answers.set(key, answer);
            answer.catch(() => answers.delete(key));
        }
        return await answer;
    } catch (error) {
        throw error instanceof XaiError ? runError(error.message) : error;
    }
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
