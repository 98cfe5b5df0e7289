import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Emulator, type Operation, startEmulator } from "xai-management-emulator";
import { Account } from "../../provider/team/account.js";
import type { FunctionName } from "../../provider/team/functions/arguments.js";
import { FUNCTIONS, type FunctionResult } from "../../provider/team/functions/index.js";
import { readSettings } from "../../provider/team/settings.js";

export const OTHER_TEAM = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";

/** A team for the tests of one file: an emulator, and functions as one deployment calls them. */
export interface Team {
    readonly emulator: Emulator;
    /** The warnings of the deployment. */
    readonly warnings: string[];
    call<Name extends FunctionName>(name: Name, given?: unknown, isSecret?: boolean): Promise<FunctionResult<Name>>;
    /** The message with which a call fails. */
    failure(name: FunctionName, given?: unknown, isSecret?: boolean): Promise<string>;
    /** Answers an operation so from now on. */
    answer(operation: Operation, body: unknown): void;
    /** Begins another deployment. */
    deploy(): void;
}

/** One emulator for the file; each test begins without keys, in a new deployment. */
export function useTeam(): Team {
    let emulator: Emulator;
    let account: Account;
    const warnings: string[] = [];
    const context = (isSecret: boolean) => ({ isSecret, warn: (message: string) => void warnings.push(message) });
    const team: Team = {
        get emulator() {
            return emulator;
        },
        warnings,
        async call<Name extends FunctionName>(name: Name, given?: unknown, isSecret = false) {
            return (await FUNCTIONS[name](account, given, context(isSecret))) as FunctionResult<Name>;
        },
        async failure(name, given, isSecret = false) {
            const result = await FUNCTIONS[name](account, given, context(isSecret)).then(
                () => undefined,
                (error: unknown) => error,
            );
            if (!(result instanceof Error) || /[\r\n]/.test(result.message)) {
                throw new Error(`It is no failure of one line: ${String(result)}`);
            }
            return result.message;
        },
        answer: (operation, body) =>
            emulator.inject({ operation, body: JSON.stringify(body), times: Number.POSITIVE_INFINITY }),
        deploy() {
            const all: Readonly<Record<string, string>> = {
                managementKey: emulator.managementKey,
                teamId: emulator.teamId,
                baseUrl: emulator.url,
                maxRetries: "0",
            };
            account = new Account(
                readSettings((key) => all[key], {}),
                context(false).warn,
            );
        },
    };
    beforeAll(async () => {
        emulator = await startEmulator({ otherTeams: [OTHER_TEAM] });
    });
    beforeEach(() => {
        emulator.clearFaults();
        emulator.clearRequests();
        for (const { apiKeyId } of emulator.keys()) {
            emulator.deleteKey(apiKeyId);
        }
        warnings.splice(0);
        team.deploy();
    });
    afterAll(() => emulator.close());
    return team;
}
