/** Keeps a file up to date: whatever asks while a writing is under way is served by the next one, all at once. */
export class StateWriter {
    private writing: Promise<void> = Promise.resolve();
    private queued: Promise<void> | undefined;

    /** @param write writes what there is at the time that it is called */
    constructor(private readonly write: () => Promise<void>) {}

    /** Settles when everything that there was at the time of the call has been written. */
    save(): Promise<void> {
        this.queued ??= this.writing
            .catch(() => undefined)
            .then(() => {
                this.queued = undefined;
                this.writing = this.write();
                return this.writing;
            });
        return this.queued;
    }
}
