import type { ResourceState } from "./resource.js";
import type { PendingOperation, StackState } from "./stateFormat.js";

/**
 * The state of a stack while an operation changes it: what there was, what has been made and what is done with, in the
 * order in which it happened. Each change that matters is handed to `save`, and awaited before the next thing is done.
 */
export class Journal {
    private base: readonly ResourceState[];
    private readonly leftOver: readonly PendingOperation[];
    private readonly made: ResourceState[] = [];
    private readonly done = new Set<ResourceState>();
    private readonly pending = new Map<ResourceState, PendingOperation["type"]>();

    /**
     * @param state what there was
     * @param save puts a state where it outlives the process; not called for previews
     */
    constructor(
        state: StackState,
        private readonly save: () => Promise<void>,
    ) {
        this.base = state.resources;
        // Of what an earlier engine left open only creations matter: those may have made what no state holds.
        this.leftOver = state.pending.filter(({ type }) => type === "creating");
    }

    /** The resources that the operation started from. */
    get before(): readonly ResourceState[] {
        return this.base;
    }

    /** What there is by now. */
    current(): StackState {
        const resources = [...this.made, ...this.base].filter((state) => !this.done.has(state));
        const pending = [...this.pending].map(([resource, type]) => ({ resource, type }));
        return { resources, pending: [...pending, ...this.leftOver] };
    }

    /** Notes that something is about to be done, so that a killed engine leaves word of it. */
    async begin(state: ResourceState, type: PendingOperation["type"]): Promise<void> {
        this.pending.set(state, type);
        await this.save();
    }

    /** Notes what came of it: what is done with, and what there is in its place. */
    async end(
        begun: ResourceState | undefined,
        gone: ResourceState | undefined,
        made: ResourceState | undefined,
    ): Promise<void> {
        if (begun !== undefined) this.pending.delete(begun);
        if (gone !== undefined) this.done.add(gone);
        if (made !== undefined) this.made.push(made);
        await this.save();
    }

    /** Notes that a state takes the place of one that says the same; there is nothing to save. */
    note(gone: ResourceState, made: ResourceState): void {
        this.done.add(gone);
        this.made.push(made);
    }

    /** Notes that a resource in the state was changed. */
    async changed(): Promise<void> {
        await this.save();
    }

    /** Starts again from what a refresh found. */
    async rebase(resources: readonly ResourceState[]): Promise<void> {
        this.base = resources;
        await this.save();
    }
}
