import type { Emulator } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create, type Properties, type Surroundings } from "../../provider/apiKeyLifecycle.js";
import type { ApiKeyState } from "../../provider/apiKeyState.js";
import { DEFAULT_NAME } from "../../provider/defaultName.js";
import { InitializationError } from "../../provider/initializationError.js";
import { Session } from "../../provider/session.js";
import { readSettings } from "../../provider/settings.js";
import { ACLS } from "./stack.js";

/** The life of keys in this process, without a host: a process of the provider, as far as it can be told apart. */
export interface Process extends Surroundings {
    readonly warnings: string[];
}

/** A new process for an emulator. */
export function processFor(emulator: Emulator, config: Readonly<Record<string, string>> = {}): Process {
    const given: Readonly<Record<string, string>> = {
        managementKey: emulator.managementKey,
        teamId: emulator.teamId,
        baseUrl: emulator.url,
        maxRetries: "2",
        operationTimeout: "2s",
        ...config,
    };
    const warnings: string[] = [];
    const settings = readSettings((key) => given[key], {});
    return { session: new Session(settings, (message) => warnings.push(message)), progress: () => undefined, warnings };
}

export const DEFAULT = "shop-test-search";

/** A key under the default name of `search`, as the class passes it. */
export const BY_DEFAULT: Properties = { name: DEFAULT, acls: ACLS, waitForPropagation: false, [DEFAULT_NAME]: DEFAULT };
/** A key under a name that the program gave. */
export const BY_NAME: Properties = { name: "search", acls: ACLS, waitForPropagation: false };

/** `pulumi up` of a key that is not there yet. */
export async function up(process: Process, args: Properties): Promise<ApiKeyState> {
    const { inputs, failures } = await check(process, {}, args, Date.now());
    if (failures.length > 0) {
        throw new Error(JSON.stringify(failures));
    }
    return create(process, inputs);
}

/** The state that a failed operation keeps. */
export async function keptBy(operation: Promise<unknown>): Promise<InitializationError> {
    const failure = await operation.then(
        () => undefined,
        (error: unknown) => error,
    );
    if (!(failure instanceof InitializationError)) {
        throw failure ?? new Error("The operation succeeded.");
    }
    return failure;
}
