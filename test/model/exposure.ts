import type { Emulator } from "xai-management-emulator";
import { leaks } from "../engines/leaks.js";
import type { ModelOperation, ModelStack } from "./modelStack.js";
import { SECRET_NAME } from "./sequence.js";

/** An operation as it bears on what may be seen. */
export interface Shown {
    readonly operation: ModelOperation;
    readonly ok: boolean;
    /** Whether the program gives a key the secret name. */
    readonly givesSecretName: boolean;
}

/** Holds what a history shows and stores against its secrets: those of the server, and the name that its program keeps secret. */
export class Exposure {
    /** Whether an update has failed that may have given a key the secret name. */
    private mayBeGiven = false;
    /** Whether the name may stand in the state, since a refresh has read it: the engine marks that as it had marked the name before. */
    private mayBeStored = false;

    constructor(
        private readonly emulator: Emulator,
        private readonly stack: Pick<ModelStack, "exposed">,
    ) {}

    /**
     * Where secrets stand that they may not, in what was shown since the operation before, and in what is stored. Messages,
     * outputs and errors never hold one.
     */
    async leaksOf({ operation, ok, givesSecretName }: Shown): Promise<readonly string[]> {
        this.mayBeGiven ||= operation === "up" && !ok && givesSecretName;
        this.mayBeStored ||= operation === "refresh" && this.mayBeGiven;
        const exposed = await this.stack.exposed();
        const withoutName = exposed.filter(({ ofState }) => !ofState || !this.mayBeStored);
        return [...leaks(this.emulator.secrets(), exposed), ...leaks([SECRET_NAME], withoutName)];
    }
}
