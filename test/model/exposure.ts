import type { Emulator } from "xai-management-emulator";
import { leaks } from "../engine/leaks.js";
import type { KeyProgram, ModelOperation, ModelStack } from "./modelStack.js";
import { SECRET_TRIGGERS } from "./sequence.js";

/** An operation whose texts are searched for secrets. */
export interface Shown {
    readonly operation: ModelOperation;
    readonly ok: boolean;
    readonly program: readonly KeyProgram[];
}

/**
 * Searches what a history shows and stores for its secrets: those of the server, and the triggers that its program keeps secret.
 *
 * In dynamic mode one thing is excused, a limit of its host: what a program first gave in an `up` that failed may be in the clear from the
 * next refresh until an `up` succeeds.
 */
export class Exposure {
    /** What a failed `up` may have given to a key. */
    private readonly given = new Set<string>();
    /** What of that a refresh may have stored in the clear. */
    private readonly excused = new Set<string>();

    constructor(
        private readonly emulator: Emulator,
        private readonly stack: Pick<ModelStack, "exposed" | "keys">,
        private readonly marksSecrets = false,
    ) {}

    /** The leaks since the operation before. */
    async leaksOf({ operation, ok, program }: Shown): Promise<readonly string[]> {
        if (operation === "up" && !ok) {
            for (const secret of await this.secretsGiven(program)) this.given.add(secret);
        }
        if (operation === "refresh" && !this.marksSecrets) {
            for (const secret of this.given) this.excused.add(secret);
        }
        if (operation === "up" && ok) {
            this.given.clear();
            this.excused.clear();
        }
        const exposed = await this.stack.exposed();
        const ofState = exposed.filter((one) => one.ofState);
        const others = exposed.filter((one) => !one.ofState);
        return [...this.emulator.secrets(), ...SECRET_TRIGGERS].flatMap((secret) => [
            ...leaks([secret], others),
            ...(this.excused.has(secret) ? [] : leaks([secret], ofState)),
        ]);
    }

    /** What a program gives as triggers: secrets of its own, and those of the keys that others follow. */
    private async secretsGiven(program: readonly KeyProgram[]): Promise<readonly string[]> {
        const written = JSON.stringify(program);
        const follows = written.includes('"output":"apiKey"');
        const secrets = (await this.stack.keys()).map(({ outputs }) => outputs["apiKey"]);
        return [
            ...SECRET_TRIGGERS.filter((hidden) => written.includes(hidden)),
            ...(follows ? secrets.filter((one) => typeof one === "string") : []),
        ];
    }
}
