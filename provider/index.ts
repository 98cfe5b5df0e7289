import { DynamicProvider } from "./dynamic.js";

/**
 * What every state file names: `exports.handler=()=>require("pulumi-xai/provider").provider`. This export is kept for
 * ever, for refresh and destroy run what the state says.
 */
export const provider = new DynamicProvider();

// An engine that needs this process no longer interrupts it, and gives it a second.
for (const signal of ["SIGINT", "SIGBREAK"] as const) {
    process.once(signal, async () => {
        await provider.end();
        // Another dynamic provider of this process may have something left to do.
        if (process.listenerCount(signal) === 0) {
            process.exit();
        }
    });
}
