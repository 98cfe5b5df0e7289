import { DynamicProvider } from "./hosts/dynamic.js";

/**
 * The dynamic provider. Every state file names it: `exports.handler=()=>require("pulumi-xai/provider").provider`. This
 * export stays for ever, because refresh and destroy run what the state names.
 */
export const provider = new DynamicProvider();

// At the end of a run the engine interrupts this process, and gives it a second.
for (const signal of ["SIGINT", "SIGBREAK"] as const) {
    process.once(signal, async () => {
        await provider.end();
        // Another dynamic provider of this process may have something left to do.
        if (process.listenerCount(signal) === 0) {
            process.exit();
        }
    });
}
