import type { ConfigMap, ConfigValue } from "@pulumi/pulumi/automation";
import { LocalEngineError, UnsupportedFeatureError } from "./errors.js";
import { fullKey } from "./projectConfig.js";
import { Secret, type Value, type ValueMap } from "./values.js";

/** What is shown in place of a secret. */
const HIDDEN = "[secret]";

/** The configuration of a stack, by full key. A key without a namespace gets the project's name as one. */
export class StackConfig {
    // Private to the running code: whoever prints a stack must not see its secrets.
    readonly #values = new Map<string, ConfigValue>();

    constructor(private readonly project: string) {}

    /**
     * Sets a value.
     *
     * @throws {UnsupportedFeatureError} where the key is said to be a path into a value
     */
    set(key: string, value: ConfigValue, isPath?: boolean): void {
        this.#values.set(this.keyOf(key, isPath), { ...value });
    }

    /**
     * A value.
     *
     * @throws {LocalEngineError} where there is none
     */
    get(key: string, isPath?: boolean): ConfigValue {
        const value = this.#values.get(this.keyOf(key, isPath));
        if (value === undefined) throw new LocalEngineError(`configuration key "${key}" not found`);
        return { secret: false, ...value };
    }

    /** Removes a value. */
    remove(key: string, isPath?: boolean): void {
        this.#values.delete(this.keyOf(key, isPath));
    }

    /** All values. */
    all(): ConfigMap {
        return this.mapped((value) => ({ secret: false, ...value }));
    }

    /** All values, secret ones hidden. */
    shown(): ConfigMap {
        return this.mapped(({ value, secret }) =>
            secret === true ? { value: HIDDEN, secret } : { value, secret: false },
        );
    }

    /** All values in the clear. */
    plain(): Record<string, string> {
        return this.mapped(({ value }) => value);
    }

    /** The keys whose values are secret. */
    secretKeys(): string[] {
        return [...this.#values].filter(([, { secret }]) => secret === true).map(([key]) => key);
    }

    /** All values as a provider gets them, secrets marked. */
    inputs(): ValueMap {
        return this.mapped(({ value, secret }): Value => (secret === true ? new Secret(value) : value));
    }

    private mapped<T>(change: (value: ConfigValue) => T): Record<string, T> {
        return Object.fromEntries([...this.#values].map(([key, value]) => [key, change(value)]));
    }

    private keyOf(key: string, isPath = false): string {
        if (isPath) throw new UnsupportedFeatureError(`paths into configuration values ("${key}")`);
        return fullKey(key, this.project);
    }
}
