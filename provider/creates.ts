import { UnclearCreateError } from "./api/apiKeys.js";
import { nameKey } from "./keyClaims.js";

/** The creates of one name in one team. */
interface Creates {
    readonly underWay: Set<Promise<unknown>>;
    /** How many ended without saying whether they made a key, and were not cleared up. */
    lost: number;
}

/** The creates of a process by the name that they give: which are under way, and how many were lost. */
export class CreatesByName {
    readonly #byName = new Map<string, Creates>();

    /**
     * Runs a create.
     *
     * @param create - Ends when whatever the answer says is known to this process.
     */
    async run<T>(teamId: string, name: string, create: () => Promise<T>): Promise<T> {
        const creates = this.#of(teamId, name);
        const run = create().catch((error: unknown) => {
            if (error instanceof UnclearCreateError) {
                creates.lost += 1;
            }
            throw error;
        });
        creates.underWay.add(run);
        try {
            return await run;
        } finally {
            creates.underWay.delete(run);
        }
    }

    /** Ends when no create of the name is under way. */
    async settled(teamId: string, name: string): Promise<void> {
        const { underWay } = this.#of(teamId, name);
        while (underWay.size > 0) {
            await Promise.allSettled(underWay);
        }
    }

    /** How many creates of the name were lost and not cleared up. */
    lost(teamId: string, name: string): number {
        return this.#of(teamId, name).lost;
    }

    /** Notes that one of the lost ones was cleared up: its key was found. */
    found(teamId: string, name: string): void {
        this.#of(teamId, name).lost -= 1;
    }

    #of(teamId: string, name: string): Creates {
        const key = `${teamId}\n${nameKey(name)}`;
        const creates = this.#byName.get(key) ?? { underWay: new Set(), lost: 0 };
        this.#byName.set(key, creates);
        return creates;
    }
}
