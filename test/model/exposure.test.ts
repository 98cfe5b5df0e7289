import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { Exposure } from "./exposure.js";
import type { ModelExposed, ModelOperation } from "./modelStack.js";
import { SECRET_NAME } from "./sequence.js";

let emulator: Emulator;
let exposure: Exposure;
let exposed: ModelExposed[];
beforeEach(async () => {
    emulator = await startEmulator();
    exposure = new Exposure(emulator, { exposed: async () => exposed });
});
afterEach(() => emulator.close());

const failed = (operation: ModelOperation) => ({ operation, ok: false, givesSecretName: true });

describe("Where the model looks for secrets,", () => {
    it("a message may never hold the secret name, whatever has failed", async () => {
        exposed = [{ name: "an error", text: `no ${SECRET_NAME}`, ofState: false }];
        for (const operation of ["up", "refresh", "destroy"] as const) {
            expect(await exposure.leaksOf(failed(operation))).toEqual([expect.stringContaining("an error holds")]);
        }
    });

    it("the state may hold the secret name from a refresh after a failed update on, and no earlier", async () => {
        exposed = [{ name: "the state", text: SECRET_NAME, ofState: true }];
        for (const operation of ["refresh", "destroy", "up", "preview"] as const) {
            expect(await exposure.leaksOf(failed(operation))).toHaveLength(1);
        }
        expect(await exposure.leaksOf({ ...failed("refresh"), ok: true })).toEqual([]);
        expect(await exposure.leaksOf(failed("up"))).toEqual([]);
    });

    it("the state may hold no key's secret even then", async () => {
        const { apiKey } = emulator.addKey();
        exposed = [{ name: "the state", text: apiKey, ofState: true }];
        for (const operation of ["up", "refresh"] as const) {
            expect(await exposure.leaksOf(failed(operation))).toHaveLength(1);
        }
    });
});
