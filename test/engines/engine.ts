import type { ConfigMap, ConfigValue, Deployment, EngineEvent, OutputMap, PulumiFn } from "@pulumi/pulumi/automation";
import type { Emulator } from "xai-management-emulator";

/** An engine that scenarios run on, in the vocabulary of Pulumi's Automation API. */
export interface Engine {
    /** For people: `Pulumi CLI 3.260.0`. */
    readonly name: string;
    /** Whether it is Pulumi's own, which the others are held against. */
    readonly isReal: boolean;
    /** Makes an empty stack. The engine forgets it, files and all, at `dispose`. */
    createStack(options: StackOptions): Promise<TestStack>;
}

/** What a stack is made from. */
export interface StackOptions {
    readonly project: string;
    readonly stack: string;
    readonly program: PulumiFn;
    /** Environment of the engine and of the provider's host. */
    readonly environment: Readonly<Record<string, string>>;
    /** Stack configuration, full names. `xai:managementKey` is set as a secret. */
    readonly config: Readonly<Record<string, string>>;
    /** Told of each event of every operation. */
    readonly onEvent: (event: EngineEvent) => void;
}

/** Counts of steps by operation: `{ create: 1, same: 2 }`. */
export type Changes = Readonly<Record<string, number | undefined>>;

/** What an operation printed and did. */
export interface OperationResult {
    readonly output: string;
    readonly changes: Changes;
}

/** A stack on some engine. Every operation throws an error whose text holds what the engine printed. */
export interface TestStack {
    /** Replaces the program: what the next operation runs. */
    program: PulumiFn;
    preview(): Promise<OperationResult>;
    up(options?: { readonly replace?: readonly string[] }): Promise<OperationResult & { readonly outputs: OutputMap }>;
    refresh(): Promise<OperationResult>;
    destroy(): Promise<OperationResult>;
    /** Sets a value of the configuration, as {@link configValue} makes it. */
    setConfig(key: string, value: string, options?: { readonly secret?: boolean }): Promise<void>;
    /** Changes environment variables for the operations to come. */
    setEnvironment(changes: Readonly<Record<string, string>>): void;
    exportStack(): Promise<Deployment>;
    /** The text of every file that the engine keeps of the stack: state, backups, history, settings. */
    files(): Promise<readonly { readonly name: string; readonly text: string }[]>;
    dispose(): Promise<void>;
}

/** The configuration with which a program and its keys find an emulator. */
export function configFor(emulator: Emulator): Record<string, string> {
    return {
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
    };
}

/** A value of a configuration as stacks take it: the management key's is a secret, another one where that is said. */
export function configValue(
    key: string,
    value: string,
    { secret = key === "xai:managementKey" }: { readonly secret?: boolean } = {},
): ConfigValue {
    return { value, secret };
}

/** A configuration as stacks take it. */
export function configMap(config: Readonly<Record<string, string>>): ConfigMap {
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, configValue(key, value)]));
}
