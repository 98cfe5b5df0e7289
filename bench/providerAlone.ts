import { DynamicProvider } from "../provider/dynamic.js";
import type { Emulator } from "../sdk/testing/index.js";

/** How many operations the engine has under way at once on the two processors that the benchmark is made for. */
export const LANES = 8;

const SILENT = {
    info: () => undefined,
    warn: () => undefined,
    progress: () => undefined,
    settled: async () => undefined,
};

/**
 * Creates keys as the engine has them created, without the engine: what the provider itself takes is seen where the engine's
 * own time would cover it.
 *
 * @returns seconds
 */
export async function createKeys(env: Emulator["env"], keys: number): Promise<number> {
    const provider = new DynamicProvider(() => SILENT);
    const config: Readonly<Record<string, string>> = {
        "xai:managementKey": env.XAI_MANAGEMENT_KEY,
        "xai:teamId": env.XAI_TEAM_ID,
        "xai:baseUrl": env.XAI_MANAGEMENT_BASE_URL,
        // However slow the limit is: what is measured is how it is met, and not when patience ends.
        "xai:operationTimeout": "10m",
    };
    await provider.configure({
        config: { get: (key) => config[key], require: (key) => config[key] ?? "" },
    });
    const start = performance.now();
    let next = 0;
    async function lane(): Promise<void> {
        for (let index = next++; index < keys; index = next++) {
            const given = { name: `alone-${index}`, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qpm: 100 };
            const { inputs, failures } = await provider.check({}, given);
            if (failures !== undefined && failures.length > 0) {
                throw new Error(failures.map(({ reason }) => reason).join("\n"));
            }
            await provider.create(inputs);
        }
    }
    await Promise.all(Array.from({ length: LANES }, lane));
    return (performance.now() - start) / 1000;
}
