import { fork } from "node:child_process";
import { on, once } from "node:events";
import { join } from "node:path";
import type { RateLimit } from "xai-management-emulator";
import { z } from "zod";

/** Lets Node run a TypeScript file. */
export const TYPESCRIPT = ["--import", "tsx"];

/** The environment in which a program or a provider talks to an account. */
export type AccountEnv = z.infer<typeof envSchema>;

const envSchema = z.object({
    XAI_MANAGEMENT_KEY: z.string(),
    XAI_TEAM_ID: z.string(),
    XAI_MANAGEMENT_BASE_URL: z.string(),
});
const requestsSchema = z.record(z.string(), z.number());

/** An xAI account to measure against: the emulator, in a process of its own that shares no event loop with anything else. */
export interface Account {
    readonly env: AccountEnv;
    /** The number of requests by kind since the last call. */
    requests(): Promise<Readonly<Record<string, number>>>;
    close(): void;
}

/** Starts an account whose team holds a number of keys that no stack manages. */
export async function openAccount(options: { otherKeys: number; rateLimit?: RateLimit }): Promise<Account> {
    const child = fork(join(__dirname, "accountProcess.ts"), [JSON.stringify(options)], { execArgv: TYPESCRIPT });
    const messages = on(child, "message", { close: ["exit"] });
    const next = async (): Promise<unknown> => (await messages.next()).value?.[0];
    const env = envSchema.parse(await next());
    return {
        env,
        async requests() {
            child.send("requests");
            return requestsSchema.parse(await next());
        },
        close: () => child.disconnect(),
    };
}

/** The sum of some counts. */
export function total(counts: Readonly<Record<string, number>>): number {
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Waits for a child's one answer. */
export async function answerOf(child: ReturnType<typeof fork>): Promise<unknown> {
    const ended = once(child, "exit").then(([code]) => {
        throw new Error(`A process of the bench ended with exit code ${code}.`);
    });
    const [answer] = await Promise.race([once(child, "message"), ended]);
    return answer;
}
