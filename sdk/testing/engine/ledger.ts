import { LocalEngineError } from "./errors.js";
import type { ResourceState } from "./resource.js";
import { createUrn } from "./urn.js";

/** A registration that cannot be carried out. `urn` says where it is shown; an empty text has been told already. */
export class PlanError extends LocalEngineError {
    override readonly name: string = "PlanError";
    readonly urn: string;

    constructor(message: string, urn: string) {
        super(message);
        this.urn = urn;
    }
}

/** What one operation has found out and decided so far. It does nothing by itself. */
export class Ledger {
    /** The resources before the operation, in the order in which they were made. */
    readonly resources: readonly ResourceState[];
    /** Those of them that are current, by URN. */
    readonly olds: ReadonlyMap<string, ResourceState>;
    /** What has been registered or read, by URN. */
    readonly news = new Map<string, ResourceState>();
    readonly urns = new Set<string>();
    readonly reads = new Set<string>();
    readonly creates = new Set<string>();
    readonly sames = new Set<string>();
    readonly updates = new Set<string>();
    readonly replaces = new Set<string>();
    readonly deletes = new Set<string>();
    /** What a deletion before a replacement has taken already. */
    readonly pendingDeletes = new Set<ResourceState>();
    /** Why a dependent of such a deletion is replaced, by URN. */
    readonly dependentKeys = new Map<string, readonly string[]>();
    /** Whether an error was found that lets a preview go on. */
    errored = false;

    constructor(
        readonly stack: string,
        readonly project: string,
        resources: readonly ResourceState[],
    ) {
        this.resources = resources;
        this.olds = new Map(resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
    }

    /**
     * Takes in a resource of the program and names it.
     *
     * @throws {PlanError} where its parent is not there or its URN is taken
     */
    admit(parent: string, type: string, name: string): string {
        if (parent !== "" && !this.urns.has(parent))
            throw new PlanError(`could not find parent resource ${parent}`, "");
        const urn = createUrn(this.stack, this.project, parent, type, name);
        if (this.urns.has(urn)) {
            throw new PlanError(`Duplicate resource URN '${urn}'; try giving it a unique name`, urn);
        }
        this.urns.add(urn);
        return urn;
    }

    /** Whether some step has been decided on for a URN, other than its deletion. */
    isOperatedOn(urn: string): boolean {
        const done = [this.reads, this.sames, this.updates, this.replaces];
        return done.some((urns) => urns.has(urn));
    }
}
