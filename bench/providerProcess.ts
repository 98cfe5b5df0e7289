/** The provider's process for one operation, without an engine. Its parent sends the step and the keys, and gets the keys back. */
import { provider } from "pulumi-xai/provider";
import { type Held, type Step, stepSchema } from "./providerAlone.js";

/** The engine's parallelism on the two processors that the bench is made for. */
const LANES = 8;

async function main({ operation, qpm, held, config }: Step): Promise<void> {
    await provider.configure({ config: { get: (key) => config[key], require: (key) => config[key] ?? "" } });
    const start = performance.now();
    const after: (Held | null)[] = [];
    let next = 0;
    const lane = async () => {
        for (let index = next++; index < held.length; index = next++) {
            after[index] = await step(operation, index, qpm, held[index] ?? null);
        }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.send?.({ held: after, seconds: (performance.now() - start) / 1000 }, () => process.exit());
}

/** Calls the provider for one key as the engine does. */
async function step(operation: Step["operation"], index: number, qpm: number, held: Held | null): Promise<Held | null> {
    if (operation === "destroy") {
        await (held && provider.delete(held.id, held.outputs));
        return null;
    }
    if (operation === "refresh" && held !== null) {
        const { id, props } = await provider.read(held.id, held.outputs);
        // An empty id says that the key is gone.
        return id === "" ? null : { ...held, outputs: props ?? held.outputs };
    }
    const given = { name: `bench-${index}`, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qpm };
    const { inputs, failures = [] } = await provider.check(held?.inputs ?? {}, given);
    if (failures.length > 0) {
        throw new Error(failures.map(({ reason }) => reason).join("\n"));
    }
    if (held === null) {
        const { id, outs } = await provider.create(inputs);
        return { id, inputs, outputs: outs ?? {} };
    }
    const { changes } = await provider.diff(held.id, held.outputs, inputs);
    if (changes !== true) {
        return held;
    }
    const { outs } = await provider.update(held.id, held.outputs, inputs);
    return { id: held.id, inputs, outputs: outs ?? held.outputs };
}

process.once("message", (message) => void main(stepSchema.parse(message)));
