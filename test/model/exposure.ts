import type { Emulator } from "xai-management-emulator";
import type { Exposed, ModelOperation, ModelStack } from "./modelStack.js";
import { SECRET_NAME } from "./sequence.js";

/** How long a piece of a secret has to be to count as leaked. */
const PIECE = 8;

/** What is known of an operation whose texts are searched for secrets. */
export interface Shown {
    readonly operation: ModelOperation;
    readonly ok: boolean;
    /** Whether the program gives a key the secret name. */
    readonly givesSecretName: boolean;
}

/** Searches what a history shows and stores for its secrets: those of the server, and the name that its program keeps secret. */
export class Exposure {
    /** Whether an update has failed that may have given a key the secret name. */
    private mayBeGiven = false;
    /** Whether the state may hold the name in the clear: a refresh after such a failure reads it as an input that was no secret. */
    private mayBeStored = false;

    constructor(
        private readonly emulator: Emulator,
        private readonly stack: Pick<ModelStack, "exposed">,
    ) {}

    /** The leaks since the operation before. */
    async leaksOf({ operation, ok, givesSecretName }: Shown): Promise<readonly string[]> {
        this.mayBeGiven ||= operation === "up" && !ok && givesSecretName;
        this.mayBeStored ||= operation === "refresh" && this.mayBeGiven;
        const exposed = await this.stack.exposed();
        const withoutName = exposed.filter(({ ofState }) => !ofState || !this.mayBeStored);
        return [
            ...[...this.emulator.secrets()].flatMap((secret) => leaks(secret, exposed)),
            ...leaks(SECRET_NAME, withoutName),
        ];
    }
}

/** Where a piece of a secret stands; the API shows its first and last four characters itself. */
function leaks(secret: string, texts: readonly Exposed[]): string[] {
    const hidden = secret.slice(4, -4);
    const pieces = Array.from({ length: Math.max(0, hidden.length - PIECE + 1) }, (_, at) =>
        hidden.slice(at, at + PIECE),
    );
    return texts
        .filter(({ text }) => pieces.some((piece) => text.includes(piece)))
        .map(({ name }) => `${name} holds a piece of ${secret.slice(0, 4)}…${secret.slice(-4)}`);
}
