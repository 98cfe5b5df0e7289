import { EventQueue } from "./eventQueue.js";
import { type Goal, goal, type ReadGoal } from "./goal.js";
import { OperationOverError, type Registered } from "./monitor.js";
import type { Registration } from "./requests.js";
import { DYNAMIC_PROVIDER_TYPE } from "./urn.js";
import type { ValueMap } from "./values.js";

/** What waits for the answer to a request of the program. */
export interface Reply {
    resolve(registered: Registered): void;
    reject(error: Error): void;
}

/** A request of the program, complete, and waiting for its turn. */
export type ProgramEvent =
    | { readonly kind: "register"; readonly goal: Goal; readonly reply: Reply }
    | { readonly kind: "read"; readonly goal: ReadGoal; readonly reply: Reply }
    | { readonly kind: "outputs"; readonly urn: string; readonly outputs: ValueMap; readonly reply: Reply };

/** The program will ask for nothing more. */
export interface EndEvent {
    readonly kind: "end";
}

/** What a child takes over from its parent. */
interface Inherited {
    readonly protect: boolean | undefined;
    readonly retainOnDelete: boolean | undefined;
    readonly deletedWith: string;
    readonly provider: string;
}

/** Completes what the program registers (by its parents, by the default provider) and queues it. */
export class Registrar {
    readonly queue = new EventQueue<ProgramEvent | EndEvent>();
    private readonly replies = new Set<Reply>();
    private readonly inherited = new Map<string, Inherited>();
    private defaultProvider: Promise<string> | undefined;
    private isClosed = false;

    /** @param providerInputs the inputs of the default provider */
    constructor(private readonly providerInputs: ValueMap) {}

    /** Registers a resource; settles when it is there. */
    async register({ goal: asked, needsProvider, protect, retainOnDelete }: Registration): Promise<Registered> {
        const above = this.inherited.get(asked.parent);
        const own = {
            protect: protect ?? above?.protect,
            retainOnDelete: retainOnDelete ?? above?.retainOnDelete,
            deletedWith: asked.deletedWith || above?.deletedWith || "",
            provider: needsProvider ? asked.provider || above?.provider || (await this.defaultReference()) : "",
        };
        const wanted = {
            ...asked,
            ...own,
            protect: own.protect ?? false,
            retainOnDelete: own.retainOnDelete ?? false,
        };
        const registered = await this.enqueue((reply) => ({ kind: "register", goal: wanted, reply }));
        this.inherited.set(registered.urn, own);
        return registered;
    }

    /** Reads an existing resource. */
    async read(asked: ReadGoal): Promise<Registered> {
        const wanted = { ...asked, provider: asked.provider || (await this.defaultReference()) };
        return await this.enqueue((reply) => ({ kind: "read", goal: wanted, reply }));
    }

    /** Stores the outputs of a component. */
    async registerOutputs(urn: string, outputs: ValueMap): Promise<void> {
        await this.enqueue((reply) => ({ kind: "outputs", urn, outputs, reply }));
    }

    /** Answers a request. */
    answer(reply: Reply, registered: Registered): void {
        this.replies.delete(reply);
        reply.resolve(registered);
    }

    /** Takes in nothing more, and drops what waits for its turn. */
    close(): void {
        this.isClosed = true;
        this.queue.close();
    }

    /** Tells the program that what it still waits for will not come. */
    dismiss(): void {
        for (const reply of this.replies) reply.reject(new OperationOverError());
        this.replies.clear();
    }

    /** The reference to the default provider, which is registered when it is first needed. */
    private async defaultReference(): Promise<string> {
        this.defaultProvider ??= this.enqueue((reply) => ({
            kind: "register",
            goal: goal({ type: DYNAMIC_PROVIDER_TYPE, name: "default", inputs: this.providerInputs }),
            reply,
        })).then(({ urn, id }) => `${urn}::${id}`);
        return await this.defaultProvider;
    }

    private enqueue(make: (reply: Reply) => ProgramEvent): Promise<Registered> {
        return new Promise((resolve, reject) => {
            if (this.isClosed) return reject(new OperationOverError());
            const reply = { resolve, reject };
            this.replies.add(reply);
            this.queue.push(make(reply));
        });
    }
}
