import { messageOf, XaiError } from "./api/errors.js";
import type { ApiKeyState } from "./apiKeyState.js";
import { KeyGoneError } from "./goneKey.js";

/**
 * A key exists, but not all is done: the host has to keep its state and call `update` at the next run. The engine keeps the
 * reason beside it, in the clear, and so it does not say the team, which may be a secret.
 */
export class InitializationError extends XaiError {
    /** Private, for it holds the secret: whoever prints the error must not see it. */
    readonly #state: ApiKeyState;

    constructor(state: ApiKeyState, reason: string) {
        super(reason.replaceAll(`team ${state.teamId}`, "its team"));
        this.#state = state;
    }

    /** The key's whole state, its secret in it. */
    get state(): ApiKeyState {
        return this.#state;
    }
}

/**
 * Runs a step for a key that exists: its failure keeps the key's state. Also one that says that the key is gone: a server may
 * not know yet what it has just made, and a refresh, which asks more than once, finds out.
 *
 * @param meaning - What is said after a failure's own words, where those do not show what it leaves; whole sentences. Not
 * after those of a key that is gone.
 * @throws {@link InitializationError} with that state, or with a later one that the step itself has kept.
 */
export async function keepingState<T>(state: ApiKeyState, step: () => Promise<T>, meaning?: string): Promise<T> {
    try {
        return await step();
    } catch (error) {
        if (error instanceof InitializationError) {
            throw error;
        }
        // A bug of ours must not lose the key either.
        const words = messageOf(error);
        const isClear = meaning === undefined || error instanceof KeyGoneError;
        throw new InitializationError(state, isClear ? words : `${words} ${meaning}`);
    }
}
