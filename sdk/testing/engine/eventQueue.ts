/** Hands on what arrives, in order, one at a time. */
export class EventQueue<T> {
    private readonly items: T[] = [];
    private isClosed = false;
    private wake: () => void = () => {};

    /** Adds an item; does nothing once closed. */
    push(item: T): void {
        if (!this.isClosed) this.items.push(item);
        this.wake();
    }

    /** Ends the queue: what waits in it is dropped. */
    close(): void {
        this.isClosed = true;
        this.items.length = 0;
        this.wake();
    }

    /** The next item, waited for; `undefined` once closed. */
    async next(): Promise<T | undefined> {
        while (this.items.length === 0 && !this.isClosed) {
            await new Promise<void>((resolve) => {
                this.wake = resolve;
            });
        }
        return this.items.shift();
    }
}
