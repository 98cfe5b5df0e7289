import { Account } from "./account.js";
import { KeysAlone, LANES } from "./providerAlone.js";

/** When the slowest cluster knows a new key, in milliseconds. */
export const SLOWEST = 3000;
/** How many keys are created. */
export const PROPAGATION_KEYS = 5 * LANES;

const CLUSTERS = Array.from({ length: 8 }, (_, index) => `cluster-${index + 1}`);

/** How the wait for propagation went. */
export interface Waited {
    /** Of each key. */
    readonly checks: readonly number[];
    /** How long after the slowest cluster knew a key it was noticed, over the time that this cluster took; of each key. */
    readonly late: readonly number[];
    /** The time that it took, over the least: as many at once as there are lanes, each as long as the slowest cluster. */
    readonly time: number;
}

/** Creates keys where each of eight clusters takes another time to know them. */
export async function waitForPropagation(): Promise<Waited> {
    const propagation = Object.fromEntries(
        CLUSTERS.map((cluster, index) => [cluster, (SLOWEST * (index + 1)) / CLUSTERS.length]),
    );
    const account = await Account.open({ emulator: { clusters: CLUSTERS, propagation }, otherKeys: 0 });
    try {
        const seconds = await new KeysAlone(account.env, PROPAGATION_KEYS).live("up from nothing");
        const { propagation: keys } = await account.seen();
        return {
            checks: keys.map(({ checks }) => checks),
            late: keys.map(({ lastAfter }) => lastAfter / SLOWEST - 1),
            time: (seconds * 1000) / ((PROPAGATION_KEYS / LANES) * SLOWEST),
        };
    } finally {
        await account.close();
    }
}
