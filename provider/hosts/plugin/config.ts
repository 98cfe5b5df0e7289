import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../../apiKey/context.js";
import type { Marked } from "./wire.js";

/** The configuration of a provider instance: the settings, as a stack or `new xai.Provider(…)` gives them. Pure. */

/** The configuration as the state keeps it: the management key is always a secret. */
export function checkedConfig({ values, secrets }: Marked): Marked {
    return { values, secrets: [...secrets, ["managementKey"]] };
}

/**
 * Whether a configuration is another one. It never replaces anything: a key keeps the team that it was created in, and a
 * rotated management key is the same account.
 */
export function configDiffers(olds: Properties, news: Properties): boolean {
    return !isDeepStrictEqual(olds, news);
}
