import { messageOf, XaiError } from "../api/errors.js";
import { KeyGoneError } from "./existence.js";
import type { KeyState } from "./state.js";

/** A key exists, but not everything is done. The host stores the state, and the next `pulumi up` calls `update`. */
export class InitializationError extends XaiError {
    /** Private, because it holds the secret: whoever prints the error must not see it. */
    readonly #state: KeyState;

    constructor(state: KeyState, reason: string) {
        super(reason);
        this.#state = state;
    }

    /** The key's whole state, with its secret. */
    get state(): KeyState {
        return this.#state;
    }
}

/**
 * Runs a step for a key that exists. A failure of the step, a bug of ours too, keeps the key's state.
 *
 * @throws {@link InitializationError} with that state, or with a later one that the step itself has kept.
 */
export async function keeping<T>(state: KeyState, step: () => Promise<T>): Promise<T> {
    try {
        return await step();
    } catch (error) {
        if (error instanceof InitializationError) {
            throw error;
        }
        const kept = error instanceof KeyGoneError ? "" : " The key is kept in the stack.";
        throw new InitializationError(state, `${messageOf(error)}${kept}`);
    }
}
