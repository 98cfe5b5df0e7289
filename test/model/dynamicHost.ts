import { runtime } from "@pulumi/pulumi";
import { Config } from "@pulumi/pulumi/cmd/dynamic-provider/config";
import { z } from "zod";
import { DEFAULT_NAME_INPUT, DynamicProvider } from "../../provider/hosts/dynamic.js";
import { PROVIDER_TEXT } from "../../sdk/providerText.js";
import { type Host, type HostOptions, type Mode, UnfinishedError } from "./host.js";
import { holdsSecret, isMap, mapValues, reveal, secret, UNKNOWN, type Value, type ValueMap } from "./values.js";

export const dynamicMode: Mode = {
    register(name, args) {
        const defaultName = `${PROJECT}-${STACK}-${name}`;
        const ours = { [DEFAULT_NAME_INPUT]: defaultName, __inputs: secret(""), [PROVIDER_KEY]: PROVIDER_TEXT };
        return { name: defaultName, ...args, ...ours };
    },
    secretOutputs: ["apiKey", "__inputs"],
    start: (options) => new DynamicHost(options),
};

const [PROJECT, STACK] = ["shop", "test"];
const PROVIDER_KEY = "__provider";
type Properties = Record<string, unknown>;

const unfinishedSchema = z.object({
    id: z.string().min(1),
    properties: z.record(z.string(), z.unknown()).optional(),
    reasons: z.array(z.string()).optional(),
});

/**
 * Dynamic mode without its process and its gRPC: a fresh provider, called as `@pulumi/pulumi/cmd/dynamic-provider` calls it.
 * That host gives secrets in the clear, and Pulumi marks what comes back under the same name; it has no previews, so that
 * Pulumi takes the inputs for the outputs.
 */
class DynamicHost implements Host {
    private readonly provider: DynamicProvider;
    private configured: Promise<void> | undefined;

    constructor(private readonly options: HostOptions) {
        const { say, now } = options;
        const channel = {
            warn: (message: string) => say("warning", message),
            progress: (message: string) => say("progress", message),
            settled: async () => undefined,
        };
        this.provider = new DynamicProvider(() => channel, now);
    }

    async check(olds: ValueMap, news: ValueMap) {
        const given = plain(news);
        const { inputs, failures } = await this.printing((provider) => provider.check(plain(olds), given));
        return {
            inputs: markAgain(taken(withProvider(inputs ?? given, given)), news),
            failures: (failures ?? []).map(({ property, reason }) => ({ property, reason })),
        };
    }

    async diff(id: string, olds: ValueMap, news: ValueMap) {
        const found = await this.printing((provider) => provider.diff(id, plain(olds), plain(news)));
        return { changes: found.changes ?? false, replaces: found.replaces ?? [] };
    }

    async create(inputs: ValueMap) {
        const news = plain(inputs);
        const { id, outs } = await this.finishing(inputs, (provider) => provider.create(news));
        return { id, outputs: markAgain(taken(withProvider(outs, news)), inputs) };
    }

    async read(id: string, props: ValueMap, inputs: ValueMap) {
        const given = plain(props);
        const found = await this.printing((provider) => provider.read(id, given));
        if (!found.id) return undefined;
        return {
            outputs: markAgain(taken(withProvider(found.props, given)), props),
            inputs: found.inputs && markAgain(taken(withProvider(found.inputs, given)), inputs),
        };
    }

    async update(id: string, olds: ValueMap, inputs: ValueMap) {
        const news = plain(inputs);
        const { outs } = await this.finishing(inputs, (provider) => provider.update(id, plain(olds), news));
        return markAgain(taken(withProvider(outs, news)), inputs);
    }

    async delete(id: string, props: ValueMap) {
        await this.printing((provider) => provider.delete(id, plain(props)));
    }

    async foresee(news: ValueMap) {
        return news;
    }

    async end() {
        await this.provider.end();
    }

    /** Calls a method whose errors the host prints before it passes them on. */
    private async printing<T>(invoke: (provider: DynamicProvider) => Promise<T>): Promise<T> {
        try {
            return await invoke(this.configuredProvider());
        } catch (error) {
            this.options.say("info", `${error}: ${error instanceof Error ? error.stack : undefined}`);
            throw new Error(messageOf(error));
        }
    }

    /** Calls a method whose errors may say what exists all the same. */
    private async finishing<T>(news: ValueMap, invoke: (provider: DynamicProvider) => Promise<T>): Promise<T> {
        try {
            return await invoke(this.configuredProvider());
        } catch (error) {
            const unfinished = unfinishedSchema.safeParse(error);
            if (!unfinished.success) throw new Error(messageOf(error));
            const { id, properties = {}, reasons = [] } = unfinished.data;
            throw new UnfinishedError(messageOf(error), id, markAgain(taken(overTheWire(properties)), news), reasons);
        }
    }

    /** As in the host, nobody waits until `configure` is done. */
    private configuredProvider(): DynamicProvider {
        const { config } = this.options;
        this.configured ??= this.provider.configure({ config: new Config({ ...config }, PROJECT) });
        return this.provider;
    }
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

function withProvider(properties: Properties | undefined, given: Properties): Properties {
    return overTheWire({ ...properties, [PROVIDER_KEY]: given[PROVIDER_KEY] });
}

/** Refuses what protobuf's `Struct` cannot carry, `undefined` above all. */
function overTheWire(properties: Properties): Properties {
    return z.record(z.string(), z.json()).parse(properties);
}

/** Properties as the provider gets them: secrets in the clear, unknown values as the text that stands for them. */
function plain(map: ValueMap): Properties {
    const written = (value: Value): Value => {
        if (value === UNKNOWN) return runtime.unknownValue;
        if (Array.isArray(value)) return value.map(written);
        return isMap(value) ? mapValues(value, written) : value;
    };
    return overTheWire(mapValues(map, (value) => written(reveal(value))));
}

/** Properties that came from the provider. */
function taken(properties: Properties): ValueMap {
    const read = (value: unknown): Value => {
        if (value === runtime.unknownValue) return UNKNOWN;
        if (Array.isArray(value)) return value.map(read);
        if (typeof value === "object" && value !== null) return taken({ ...value });
        return z.union([z.string(), z.number(), z.boolean(), z.null()]).parse(value);
    };
    return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, read(value)]));
}

/** Marks again what came back under the name of a secret: a list wholly, an object where the secret was. */
function markAgain(outputs: ValueMap, inputs: ValueMap): ValueMap {
    return mapValues(outputs, (value, key) => {
        const given = inputs[key];
        if (given === undefined) return value;
        if (isMap(value) && isMap(given)) return markAgain(value, given);
        return holdsSecret(given) ? secret(value) : value;
    });
}
