import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { configFor } from "./config.js";
import { dynamicMode } from "./dynamicHost.js";
import type { KeyProgram } from "./modelStack.js";
import { Stack } from "./stack.js";

/** What the model test found, each as small as it became. */

const key = (name: string, args: KeyProgram["args"] = {}): KeyProgram => ({
    name,
    args: { acls: ["api-key:model:*", "api-key:endpoint:*"], ...args },
});

let emulator: Emulator;
let stack: Stack;
beforeEach(async () => {
    emulator = await startEmulator();
    stack = new Stack({ mode: dynamicMode, config: configFor(emulator) });
});
afterEach(() => emulator.close());

describe("The model test found that", () => {
    it("a deletion was believed that was answered with what the API never answers, and the key left behind", async () => {
        await stack.run("up", [key("a")]);
        emulator.inject({ operation: "deleteApiKey", body: "[1]" });
        expect((await stack.run("up", [])).ok).toBe(false);
        expect((await stack.keys()).map(({ id }) => id)).toEqual(emulator.keys().map(({ apiKeyId }) => apiKeyId));
        expect((await stack.run("up", [])).ok).toBe(true);
        expect(emulator.keys()).toEqual([]);
    });

    it("an update took what someone else had changed in another field for the API's form of what the program gives", async () => {
        await stack.run("up", [key("a", { qps: 1 })]);
        const [id = ""] = emulator.keys().map(({ apiKeyId }) => apiKeyId);
        emulator.changeKey(id, { qps: 9 });
        await stack.run("up", [key("a", { qps: 1, qpm: 100 })]);
        const program = [key("a", { qps: 1, qpm: 100 })];
        expect((await stack.run("preview", program)).changes).toEqual({ update: 1 });
        await stack.run("up", program);
        expect(emulator.key(id)).toMatchObject({ qps: 1, qpm: 100 });
        expect((await stack.run("preview", program)).changes).toEqual({ same: 1 });
    });
});
