import { Plugin } from "../../provider/hosts/plugin/plugin.js";
import { UnfinishedKeyError } from "../../provider/hosts/plugin/unfinishedKeyError.js";
import { fromWire, type Marked, type Path, toWire } from "../../provider/hosts/plugin/wire.js";
import { isUnknown, UNKNOWN as UNKNOWN_TEXT } from "../../provider/unknown.js";
import { type Host, type HostOptions, type Mode, UnfinishedError } from "./host.js";
import { isMap, Secret, secret, UNKNOWN, type Value, type ValueMap } from "./values.js";

/** Native mode without its process: a fresh adapter, and Pulumi's wire between it and the engine. */
export const nativeMode: Mode = {
    register: (_name, args) => args,
    secretOutputs: ["apiKey"],
    start: (options) => new NativeHost(options),
};

class NativeHost implements Host {
    private readonly plugin: Plugin;

    constructor({ config, say, now }: HostOptions) {
        const settings = Object.entries(config).map(([key, value]) => [key.replace(/^xai:/, ""), value]);
        const log = {
            warn: (message: string) => say("warning", message),
            progress: (message: string) => say("progress", message),
            settled: async () => undefined,
        };
        this.plugin = new Plugin(Object.fromEntries(settings), log, now);
    }

    async check(olds: ValueMap, news: ValueMap, name: string) {
        const { inputs, failures } = await this.plugin.check(
            `urn:pulumi:test::shop::xai:index:XaiApiKey::${name}`,
            sent(olds),
            sent(news),
            undefined,
        );
        return { inputs: arrived(inputs), failures };
    }

    async diff(id: string, olds: ValueMap, news: ValueMap, oldInputs: ValueMap) {
        const [outputs, inputs, next] = [sent(olds).values, sent(oldInputs).values, sent(news).values];
        const { changes, replaces } = this.plugin.diff({}, id, outputs, inputs, next);
        return { changes, replaces: replaces ? ["teamId"] : [] };
    }

    async create(inputs: ValueMap) {
        const { id, outputs } = await finishing(this.plugin.create({}, sent(inputs), false));
        return { id, outputs: arrived(outputs) };
    }

    async read(id: string, props: ValueMap, inputs: ValueMap) {
        const found = await this.plugin.read({}, id, sent(props), sent(inputs));
        return found && { outputs: arrived(found.outputs), inputs: arrived(found.inputs) };
    }

    async update(id: string, olds: ValueMap, news: ValueMap) {
        return arrived(await finishing(this.plugin.update({}, id, sent(olds).values, sent(news), false)));
    }

    async delete(id: string, props: ValueMap) {
        await this.plugin.delete({}, id, sent(props).values);
    }

    async foresee(news: ValueMap, olds: ValueMap | undefined) {
        const { plugin } = this;
        return arrived(
            olds === undefined
                ? (await plugin.create({}, sent(news), true)).outputs
                : await plugin.update({}, "", sent(olds).values, sent(news), true),
        );
    }

    async end() {
        this.plugin.cancel();
        await this.plugin.end();
    }
}

/** Waits for a call whose error may say what exists all the same. */
async function finishing<T>(call: Promise<T>): Promise<T> {
    try {
        return await call;
    } catch (error) {
        throw error instanceof UnfinishedKeyError
            ? new UnfinishedError(error.message, error.id, arrived(error.outputs), [error.message])
            : error;
    }
}

/** Properties as they come to the provider. */
function sent(map: ValueMap): Marked {
    const secrets: Path[] = [];
    const plain = (value: Value, path: Path): unknown => {
        if (value instanceof Secret) {
            secrets.push(path);
            return plain(value.element, path);
        }
        if (value === UNKNOWN) return UNKNOWN_TEXT;
        if (Array.isArray(value)) return value.map((entry, index) => plain(entry, [...path, index]));
        return isMap(value) ? plainMap(value, path) : value;
    };
    const plainMap = (values: ValueMap, path: Path) =>
        Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value, [...path, name])]));
    return fromWire(toWire({ values: plainMap(map, []), secrets }));
}

/** Properties as they come back to the engine. */
function arrived(marked: Marked): ValueMap {
    const { values, secrets } = fromWire(toWire(marked));
    const paths = new Set(secrets.map((path) => JSON.stringify(path)));
    const taken = (value: unknown, path: Path): Value => {
        const inner = takenBare(value, path);
        return paths.has(JSON.stringify(path)) ? secret(inner) : inner;
    };
    const takenBare = (value: unknown, path: Path): Value => {
        if (isUnknown(value)) return UNKNOWN;
        if (Array.isArray(value)) return value.map((entry, index) => taken(entry, [...path, index]));
        if (typeof value === "object" && value !== null) return takenMap({ ...value }, path);
        return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
    };
    const takenMap = (map: Readonly<Record<string, unknown>>, path: Path): ValueMap =>
        Object.fromEntries(Object.entries(map).map(([name, value]) => [name, taken(value, [...path, name])]));
    return takenMap(values, []);
}
