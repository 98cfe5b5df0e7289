import type { ValueMap } from "./values.js";

/** What a provider makes of a program's inputs. */
export interface Checked {
    readonly inputs: ValueMap;
    readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

/** A provider's process as the stack sees it: one for each operation. Secrets and unknown values are marked. */
export interface Host {
    /**
     * @param olds The stored inputs; `{}` for a new resource.
     * @param name The logical name.
     */
    check(olds: ValueMap, news: ValueMap, name: string): Promise<Checked>;
    /** @param olds The stored outputs. */
    diff(
        id: string,
        olds: ValueMap,
        news: ValueMap,
        oldInputs: ValueMap,
    ): Promise<{ readonly changes: boolean; readonly replaces: readonly string[] }>;
    /** @throws {UnfinishedError} where the resource exists all the same */
    create(inputs: ValueMap): Promise<{ readonly id: string; readonly outputs: ValueMap }>;
    /** @returns `undefined` where the resource is gone; without `inputs` the stored ones stay. */
    read(
        id: string,
        props: ValueMap,
        inputs: ValueMap,
    ): Promise<{ readonly outputs: ValueMap; readonly inputs: ValueMap | undefined } | undefined>;
    /**
     * @returns the new outputs
     * @throws {UnfinishedError} where it was carried out in part
     */
    update(id: string, olds: ValueMap, news: ValueMap): Promise<ValueMap>;
    delete(id: string, props: ValueMap): Promise<void>;
    /** The outputs that a preview foresees for a create, or for an update of what has `olds`. Calls no API. */
    foresee(news: ValueMap, olds: ValueMap | undefined): Promise<ValueMap>;
    /** What the engine does with the process when the operation is over. */
    end(): Promise<void>;
}

/** A resource exists, but is not what was asked for: Pulumi's initialization error. */
export class UnfinishedError extends Error {
    constructor(
        message: string,
        readonly id: string,
        readonly outputs: ValueMap,
        readonly reasons: readonly string[],
    ) {
        super(message);
    }
}

export type Severity = "info" | "warning" | "error";

/** What a provider's process is started with. */
export interface HostOptions {
    readonly config: Readonly<Record<string, string>>;
    /** Its clock, in milliseconds since 1970. */
    readonly now: () => number;
    /** Takes its messages, and what it prints. */
    readonly say: (severity: Severity | "progress", message: string) => void;
}

/** A way to run the provider: the class of a program, and the process behind it. */
export interface Mode {
    /** The inputs that the class registers for a program's arguments. */
    register(name: string, args: ValueMap): ValueMap;
    /** The outputs that the class, or the schema, names as secrets. */
    readonly secretOutputs: readonly string[];
    start(options: HostOptions): Host;
}
