import { Crypter } from "./crypto.js";
import { ProjectError } from "./errors.js";
import { STATE_MARKER } from "./marker.js";
import { loadStateFile, lockStateFile, replaceFile } from "./stateFile.js";
import { readState, type StackState, sealedBy, writeDeployment } from "./stateFormat.js";

/** Where the state of one stack is kept. */
export class StackStore {
    // Private to the running code: whoever prints a stack must not see it.
    readonly #passphrase: string;

    /**
     * @param file the state file; need not be there yet
     * @param passphrase encrypts its secrets
     * @param owner whose state it is
     */
    constructor(
        private readonly file: string,
        passphrase: string,
        private readonly owner: { readonly project: string; readonly stack: string },
    ) {
        this.#passphrase = passphrase;
    }

    /**
     * The state, and what opens its secrets; an empty one where there is no file.
     *
     * @throws {StateFileError} where the file is not the engine's own, or another passphrase's
     * @throws {ProjectError} where it is another stack's
     */
    async load(): Promise<{ state: StackState; crypter: Crypter; isNew: boolean }> {
        const stored = await loadStateFile(this.file);
        if (stored === undefined) {
            const crypter = await Crypter.create(this.#passphrase);
            return { state: { resources: [], pending: [] }, crypter, isNew: true };
        }
        const { project, stack } = stored.localEngine;
        if (project !== this.owner.project || stack !== this.owner.stack) {
            throw new ProjectError(
                `the state file ${this.file} is of stack "${stack}" of project "${project}", not of stack ` +
                    `"${this.owner.stack}" of project "${this.owner.project}"`,
            );
        }
        const crypter = await Crypter.open(this.#passphrase, stored.deployment.secrets_providers.state.salt);
        return { state: readState(stored, crypter), crypter, isNew: false };
    }

    /**
     * Puts a state in place of the one that is there.
     *
     * @throws {StateFileError} where that is not possible
     */
    async save(state: StackState, crypter: Crypter): Promise<void> {
        const file = {
            localEngine: { note: STATE_MARKER, ...this.owner },
            version: 3,
            deployment: writeDeployment(state, crypter.salt, sealedBy(crypter), new Date()),
        };
        await replaceFile(this.file, `${JSON.stringify(file, undefined, 2)}\n`);
    }

    /**
     * Keeps other operations away.
     *
     * @returns lets them in again
     * @throws {StateLockedError} where one is at work
     */
    lock(): () => void {
        return lockStateFile(this.file);
    }
}
