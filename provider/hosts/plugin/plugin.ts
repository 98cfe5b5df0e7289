import { isDeepStrictEqual } from "node:util";
import { check } from "../../apiKey/check.js";
import type { Properties } from "../../apiKey/context.js";
import { create } from "../../apiKey/create.js";
import { remove } from "../../apiKey/delete.js";
import { diffApiKey } from "../../apiKey/diff.js";
import { InitializationError } from "../../apiKey/initializationError.js";
import { APPLIED, ROTATION_DUE } from "../../apiKey/inputs.js";
import { OUTPUTS } from "../../apiKey/outputs.js";
import { planCreate, planUpdate } from "../../apiKey/plan.js";
import { read } from "../../apiKey/read.js";
import { type KeyState, stateOutputs } from "../../apiKey/state.js";
import { update } from "../../apiKey/update.js";
import { FUNCTIONS } from "../../team/functions/index.js";
import { SECRET_ARGUMENTS } from "../../team/functions/secretArguments.js";
import { isUnknown } from "../../unknown.js";
import type { EngineLog } from "../engineLog.js";
import { type Call, Session } from "../session.js";
import { type PathDiff, pathDiffs } from "./pathDiff.js";
import { UnfinishedKeyError } from "./unfinishedKeyError.js";
import type { Marked, Path } from "./wire.js";

/**
 * The adapter between Pulumi's provider protocol and the resource. It knows what the engine gives and shows: URNs, secrets
 * at their paths, previews, differences by path, cancellation.
 */

/** How the stack names keys without a name of their own, where it configures that: Pulumi's autonaming. */
export interface Autonaming {
    readonly proposedName: string;
    readonly isDisabled: boolean;
}

/** One place that differs, and whether the display compares old and new inputs, or old outputs and new inputs. */
export interface ShownDiff extends PathDiff {
    readonly comparesInputs: boolean;
}

/** What differs. */
export interface PluginDiff {
    readonly changes: boolean;
    readonly replaces: boolean;
    /** Names of inputs. */
    readonly names: readonly string[];
    readonly shown: readonly ShownDiff[];
}

/** The native provider, from one Configure to the next. */
export class Plugin {
    readonly #session: Session;
    readonly #cancelling = new AbortController();

    /**
     * @param config - The provider's inputs: settings by their names.
     * @param log - The channel to whoever runs Pulumi.
     * @param now - The clock of checks, in milliseconds since 1970.
     */
    constructor(
        config: Properties,
        log: EngineLog,
        private readonly now: () => number = Date.now,
    ) {
        this.#session = new Session((key) => config[key], log);
    }

    async check(urn: string, olds: Marked, news: Marked, autonaming: Autonaming | undefined) {
        const { inputs, failures } = await check(this.#context({ urn }), {
            olds: argumentsOf(olds.values),
            ...named(urn, olds.values, argumentsOf(news.values), autonaming),
            resource: urn,
            now: this.now(),
        });
        const secrets: readonly Path[] = [...news.secrets, ["existingSecret"]];
        return { inputs: { values: inputs, secrets }, failures };
    }

    diff(call: Call, id: string, outputs: Properties, oldInputs: Properties, news: Properties): PluginDiff {
        const { account, registry, warn } = this.#context(call);
        registry.hold(id);
        const { settings } = account;
        const diff = diffApiKey(id, outputs, news, { settings, oldInputs, countsUnknown: true });
        for (const warning of diff.warnings) {
            warn(warning);
        }
        const names: string[] = diff.changed.map(({ name }) => name);
        const shown = diff.changed.flatMap(({ name, compares }) => {
            const comparesInputs = compares === "inputs";
            const old = comparesInputs ? oldInputs[name] : outputs[name];
            return pathDiffs(name, old, news[name]).map((one) => ({ ...one, comparesInputs }));
        });
        const due = news[ROTATION_DUE];
        if (due !== undefined && (diff.rotates || isUnknown(due))) {
            names.push(ROTATION_DUE);
            shown.push(
                ...pathDiffs(ROTATION_DUE, oldInputs[ROTATION_DUE], due).map((one) => ({
                    ...one,
                    comparesInputs: true,
                })),
            );
        }
        return { changes: diff.changes, replaces: diff.replaces, names, shown };
    }

    async create(call: Call, inputs: Marked, isPreview: boolean): Promise<{ id: string; outputs: Marked }> {
        if (isPreview) {
            return { id: "", outputs: shownOutputs(planCreate(inputs.values), [inputs]) };
        }
        return this.#keeping([inputs], async () => {
            const state = await create(this.#context(call), inputs.values);
            return { id: state.apiKeyId, outputs: storedOutputs(state, [inputs]) };
        });
    }

    /**
     * @param call - With the id `<team>/<key>` an import or a `get` names the key's team.
     * @returns `undefined` for a key that is gone.
     */
    async read(call: Call, id: string, outputs: Marked, inputs: Marked) {
        const [apiKeyId = "", teamId] = id.split("/", 2).reverse();
        const found = await read(
            this.#context(call),
            apiKeyId,
            teamId === undefined ? argumentsOf(outputs.values) : { ...outputs.values, teamId },
        );
        if (found === undefined) {
            return undefined;
        }
        return {
            id: apiKeyId,
            outputs: storedOutputs(found.state, [inputs, outputs]),
            inputs: { values: found.inputs, secrets: secretsOfRead(found.inputs, inputs, outputs) },
        };
    }

    async update(call: Call, id: string, outputs: Properties, news: Marked, isPreview: boolean): Promise<Marked> {
        if (isPreview) {
            return shownOutputs(planUpdate(outputs, news.values), [news]);
        }
        return this.#keeping([news], async () =>
            storedOutputs(await update(this.#context(call), id, outputs, news.values), [news]),
        );
    }

    async delete(call: Call, id: string, outputs: Properties): Promise<void> {
        await remove(this.#context(call), id, outputs);
    }

    /** Runs the function of a token: `xai:index:getModels`. */
    async invoke(token: string, args: Properties): Promise<Properties> {
        const name = Object.keys(FUNCTIONS).find((one) => token === `xai:index:${one}`);
        if (name === undefined) {
            throw new Error(`There is no function ${token}.`);
        }
        const { account, warn } = this.#context({});
        const { [SECRET_ARGUMENTS]: isSecret = false, ...given } = args;
        const run = FUNCTIONS[name as keyof typeof FUNCTIONS];
        return { ...(await run(account, given, { isSecret: isSecret === true, warn })) };
    }

    /** Ends waits at once. */
    cancel(): void {
        this.#cancelling.abort();
    }

    /** Shows the warnings that only the end of a run can tell. */
    end(): Promise<void> {
        return this.#session.end();
    }

    #context(call: Call) {
        return this.#session.context({ ...call, signal: this.#cancelling.signal });
    }

    /** Hands over an unfinished key as the engine keeps it. */
    async #keeping<T>(sources: readonly Marked[], operation: () => Promise<T>): Promise<T> {
        try {
            return await operation();
        } catch (error) {
            throw error instanceof InitializationError
                ? new UnfinishedKeyError(error.state.apiKeyId, storedOutputs(error.state, sources), error.message)
                : error;
        }
    }
}

/** Without the inputs of the dynamic provider, which a stack that moved here still holds. */
function argumentsOf({ __provider: _, __defaultName: __, ...rest }: Properties): Properties {
    return rest;
}

/** The new inputs and the default name. Where the stack's autonaming proposes a name, it is given once, and stays. */
function named(urn: string, olds: Properties, news: Properties, autonaming: Autonaming | undefined) {
    if (autonaming === undefined) {
        return { news, defaultName: defaultNameOf(urn) };
    }
    const proposed = autonaming.isDisabled ? undefined : (olds["name"] ?? autonaming.proposedName);
    return { news: { ...news, name: news["name"] ?? proposed } };
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` → `<project>-<stack>-<name>` */
function defaultNameOf(urn: string): string {
    const [head = "", project = "", , ...name] = urn.split("::");
    return `${project}-${head.slice("urn:pulumi:".length)}-${name.join("::")}`;
}

const ALWAYS_SECRET = ["apiKey", APPLIED];

/** Outputs with null for each that is not set: the Node SDK takes an absent one for unknown in every preview. */
function shownOutputs(outputs: Properties, sources: readonly Marked[]): Marked {
    const unset = Object.fromEntries(OUTPUTS.map((name) => [name, null]));
    // An output is a secret where any part of the input of its name is.
    const names = [...ALWAYS_SECRET, ...sources.flatMap(({ secrets }) => secrets.flatMap(([name]) => name ?? []))];
    return { values: { ...unset, ...outputs }, secrets: names.map((name) => [name]) };
}

function storedOutputs(state: KeyState, sources: readonly Marked[]): Marked {
    return shownOutputs(stateOutputs(state), sources);
}

/**
 * Where the inputs that a read answers are secret: where the stored ones are. A value that is not the stored one, as after drift or a partly
 * failed update, is a secret as a whole where a part of the stored one is, or the output of its name. No output tells for a rotation.
 */
function secretsOfRead(inputs: Properties, stored: Marked, outputs: Marked): readonly Path[] {
    const hidden = new Set([...stored.secrets, ...outputs.secrets].map(([name]) => name)).add("rotation");
    const isNew = (name: string) => !isDeepStrictEqual(stored.values[name] ?? null, inputs[name] ?? null);
    const whole = Object.keys(inputs).filter((name) => hidden.has(name) && isNew(name));
    return [...stored.secrets.filter(([name]) => !whole.some((one) => one === name)), ...whole.map((name) => [name])];
}
