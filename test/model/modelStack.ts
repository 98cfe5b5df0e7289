import type { Exposed } from "../engines/leaks.js";
import type {
    InProcessOperation,
    InProcessResult,
    InProcessStack,
    KeyProgram,
    StoredResource,
} from "./inProcessEngine.js";

/** What is done to a stack, as the model does it. */
export type ModelOperation = "preview" | "up" | "refresh" | "destroy";

/** What an operation came to. */
export type ModelResult = Pick<InProcessResult, "ok" | "killed" | "changes" | "messages">;

/** What was shown or is stored. */
export interface ModelExposed extends Exposed {
    /** Whether it is the state, or an event that shows what the state holds; not a message, an output or an error. */
    readonly ofState: boolean;
}

/** A stack on whichever engine. What fails is a result, not an exception. */
export interface ModelStack {
    run(operation: ModelOperation, program: readonly KeyProgram[], options: InProcessOperation): Promise<ModelResult>;
    /** The keys in the state, in the clear. */
    keys(): Promise<readonly StoredResource[]>;
    /** Ends when everything that was sent before a kill has arrived. */
    arrived(): Promise<void>;
    /** All that was shown since this was asked last, and all that is stored now. */
    exposed(): Promise<readonly ModelExposed[]>;
}

/** The in-process engine's stack as the model sees it. */
export function inProcess(stack: InProcessStack): ModelStack {
    let seen = 0;
    return {
        run(operation, program, options) {
            switch (operation) {
                case "preview":
                    return stack.preview(program, options);
                case "up":
                    return stack.up(program, options);
                case "refresh":
                    return stack.refresh(options);
                case "destroy":
                    return stack.destroy(options);
            }
        },
        keys: async () => stack.keys(),
        arrived: () => stack.arrived(),
        exposed: async () => {
            const shown = stack.shown.slice(seen);
            seen += shown.length;
            return [...shown, stack.stored()];
        },
    };
}
