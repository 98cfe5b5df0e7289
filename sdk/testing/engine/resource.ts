import { providerUrn } from "./urn.js";
import type { ValueMap } from "./values.js";

/** How long, in seconds, each operation on a resource may take by the program's word. */
export interface CustomTimeouts {
    readonly create?: number;
    readonly update?: number;
    readonly delete?: number;
    readonly read?: number;
}

/** What the engine knows of one resource. Absent texts are `""`. Two states are the same only if they are one object. */
export interface ResourceState {
    readonly urn: string;
    readonly type: string;
    /** Whether a provider manages it; else it is a component. */
    readonly custom: boolean;
    id: string;
    inputs: ValueMap;
    /** Absent before it was created. */
    outputs: ValueMap | undefined;
    parent: string;
    /** Reference to its provider, `<urn>::<id>`. */
    readonly provider: string;
    readonly protect: boolean;
    /** Read by the program, not managed by it. */
    readonly external: boolean;
    /** Replaced already, still to be deleted. */
    delete: boolean;
    /** Deleted already, its replacement still to be created. */
    pendingReplacement: boolean;
    readonly retainOnDelete: boolean;
    deletedWith: string;
    dependencies: readonly string[];
    propertyDependencies: Readonly<Record<string, readonly string[]>>;
    /** Why it is unfinished; the next update goes on with it. */
    initErrors: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly customTimeouts: CustomTimeouts;
    /** RFC 3339. */
    created: string;
    modified: string;
}

/** A state of which only some properties are of interest; the rest is as for a plain resource. */
export function resourceState(
    known: Pick<ResourceState, "urn" | "type" | "custom"> & Partial<ResourceState>,
): ResourceState {
    return {
        id: "",
        inputs: {},
        outputs: undefined,
        parent: "",
        provider: "",
        protect: false,
        external: false,
        delete: false,
        pendingReplacement: false,
        retainOnDelete: false,
        deletedWith: "",
        dependencies: [],
        propertyDependencies: {},
        initErrors: [],
        additionalSecretOutputs: [],
        ignoreChanges: [],
        replaceOnChanges: [],
        customTimeouts: {},
        created: "",
        modified: "",
        ...known,
    };
}

/** The URNs that a resource depends on: by its options, its inputs and its provider. Not its parent. */
export function dependencyUrns(state: ResourceState): Set<string> {
    const urns = new Set([...state.dependencies, ...Object.values(state.propertyDependencies).flat()]);
    if (state.deletedWith !== "") urns.add(state.deletedWith);
    if (state.provider !== "") urns.add(providerUrn(state.provider));
    return urns;
}
