import { type CustomTimeouts, type ResourceState, resourceState } from "./resource.js";
import type { ValueMap } from "./values.js";

/** What the program wants one resource to be. */
export interface Goal {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    readonly inputs: ValueMap;
    /** URN, or `""`. */
    readonly parent: string;
    /** Reference to the provider, or `""` for components and providers. */
    readonly provider: string;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deletedWith: string;
    /** The program's word on the order of a replacement; `undefined` leaves it to the provider. */
    readonly deleteBeforeReplace: boolean | undefined;
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly customTimeouts: CustomTimeouts;
}

/** A goal of which only some properties are of interest. */
export function goal(known: Pick<Goal, "type" | "name"> & Partial<Goal>): Goal {
    return {
        custom: true,
        inputs: {},
        parent: "",
        provider: "",
        dependencies: [],
        propertyDependencies: {},
        protect: false,
        retainOnDelete: false,
        deletedWith: "",
        deleteBeforeReplace: undefined,
        ignoreChanges: [],
        replaceOnChanges: [],
        additionalSecretOutputs: [],
        customTimeouts: {},
        ...known,
    };
}

/** The state that a goal leads to, before a provider has had its say. */
export function stateOfGoal(wanted: Goal, urn: string, old: ResourceState | undefined): ResourceState {
    return resourceState({
        urn,
        type: wanted.type,
        custom: wanted.custom,
        inputs: wanted.inputs,
        parent: wanted.parent,
        provider: wanted.provider,
        protect: wanted.protect,
        retainOnDelete: wanted.retainOnDelete,
        deletedWith: wanted.deletedWith,
        dependencies: wanted.dependencies,
        propertyDependencies: wanted.propertyDependencies,
        additionalSecretOutputs: wanted.additionalSecretOutputs,
        ignoreChanges: wanted.ignoreChanges,
        replaceOnChanges: wanted.replaceOnChanges,
        customTimeouts: wanted.customTimeouts,
        created: old?.created ?? "",
        modified: old?.modified ?? "",
    });
}

/** An existing resource that the program asked to read. */
export interface ReadGoal {
    readonly type: string;
    readonly name: string;
    readonly id: string;
    readonly parent: string;
    readonly provider: string;
    readonly inputs: ValueMap;
    readonly dependencies: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
}
