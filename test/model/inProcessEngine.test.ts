import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { configFor } from "../engines/engine.js";
import { expectNoLeak } from "../engines/leaks.js";
import { InProcessStack, type KeyProgram, type Kill } from "./inProcessEngine.js";

const ACLS = ["api-key:model:*", "api-key:endpoint:*"];
const key = (name: string, args: KeyProgram["args"] = {}): KeyProgram => ({ name, args: { acls: ACLS, ...args } });

let emulator: Emulator;
let stack: InProcessStack;
beforeEach(async () => {
    emulator = await startEmulator();
    stack = new InProcessStack({ config: { ...configFor(emulator), "xai:maxRetries": "0" } });
});
afterEach(() => emulator.close());

const names = () =>
    emulator
        .keys()
        .map(({ name }) => name)
        .sort();

describe("The in-process engine", () => {
    it("takes a stack through its life", async () => {
        const program = [key("a", { qps: 1 }), key("b", { disabled: true, name: "B" })];
        expect((await stack.preview(program)).changes).toEqual({ create: 2 });
        expect(emulator.countRequests().createApiKey).toBeUndefined();

        expect(await stack.up(program)).toMatchObject({ ok: true, changes: { create: 2 }, messages: [] });
        expect(names()).toEqual(["B", "shop-test-a"]);
        for (const { id, outputs } of stack.keys()) expect(outputs["apiKey"]).toBe(emulator.key(id)?.apiKey);
        expect((await stack.preview(program)).changes).toEqual({ same: 2 });

        const [a] = stack.keys().filter(({ name }) => name === "a");
        emulator.changeKey(a?.id ?? "", { qps: 7 });
        expect((await stack.refresh()).changes).toEqual({ same: 1, update: 1 });
        expect(await stack.up([key("a", { qps: 2 }), key("c")])).toMatchObject({
            ok: true,
            changes: { create: 1, delete: 1, update: 1 },
        });
        expect(emulator.key(a?.id ?? "")?.qps).toBe(2);

        expect(await stack.destroy()).toMatchObject({ ok: true });
        expect(emulator.keys()).toEqual([]);
        expect(stack.keys()).toEqual([]);
    });

    it("keeps secrets marked, and says what the provider refuses", async () => {
        await stack.up([key("a")]);
        const secrets = emulator.keys().map(({ apiKey }) => apiKey);
        const wrong = await stack.preview([key("a", { qps: 0 })]);
        expect(wrong.ok).toBe(false);
        expect(wrong.messages.map(({ message }) => message).join()).toContain("property qps value {0} has a problem");
        expectNoLeak([...secrets, emulator.managementKey], stack.exposed());
    });

    it("finishes what is in flight when a create fails, begins nothing more, and goes on with the next update", async () => {
        emulator.setLatency(20);
        emulator.inject({ operation: "createApiKey", status: 403 });
        const program = ["a", "b", "c"].map((name) => key(name));
        const { ok, messages } = await stack.up(program);
        expect(ok).toBe(false);
        expect(messages.filter(({ severity }) => severity === "error")).toHaveLength(1);
        expect(stack.keys()).toHaveLength(emulator.keys().length);
        expect(stack.keys()).toHaveLength(2);
        expect(await stack.up(program)).toMatchObject({ ok: true, changes: { create: 1, same: 2 } });
    });

    it("keeps a key that is not finished, and calls update for it at the next run", async () => {
        emulator.setPropagation("never");
        const program = [key("a", { propagationTimeout: "1ms" })];
        expect((await stack.up(program)).ok).toBe(false);
        const [kept] = stack.keys();
        expect(kept?.initErrors).toHaveLength(1);
        expect(kept?.outputs["apiKey"]).toBe(emulator.key(kept?.id ?? "")?.apiKey);
        emulator.setPropagation(0);
        expect(await stack.up(program)).toMatchObject({ ok: true, changes: { update: 1 } });
        expect(stack.keys()[0]?.initErrors).toEqual([]);
    });

    it("asks the provider of a refresh with the configuration of the state", async () => {
        await stack.up([key("a")]);
        const old = emulator.managementKey;
        emulator.setManagementKey("another");
        stack.config["xai:managementKey"] = "another";
        const { ok, messages } = await stack.refresh();
        expect(ok).toBe(false);
        expect(messages.map(({ message }) => message).join()).toContain("401");
        expectNoLeak([old], stack.exposed());
        expect((await stack.up([key("a")])).ok).toBe(true);
        expect((await stack.refresh()).ok).toBe(true);
    });

    describe("kills", () => {
        const killed = (moment: Kill["moment"], who: Kill["who"]): Kill => ({
            who,
            moment,
            request: 1,
            method: "POST",
        });
        it.each(["host", "engine"] as const)("the %s before a request, which has then no effect", async (who) => {
            const { ok, killed: isDead } = await stack.up([key("a")], { kill: killed("before", who) });
            expect({ ok, isDead }).toEqual({ ok: false, isDead: true });
            expect([names(), stack.keys()]).toEqual([[], []]);
        });

        it.each(["host", "engine"] as const)("the %s once the server has acted, and the news is lost", async (who) => {
            const { ok } = await stack.up([key("a")], { kill: killed("answered", who) });
            expect(ok).toBe(false);
            expect(names()).toEqual(["shop-test-a"]);
            expect(stack.keys()).toEqual([]);
        });

        it("a host with a request on its way, which acts all the same", async () => {
            emulator.setLatency(30);
            await stack.up([key("a")], { kill: killed("sent", "host") });
            expect(names()).toEqual([]);
            await expect.poll(names).toEqual(["shop-test-a"]);
        });

        it("nothing where the operation sends fewer requests", async () => {
            expect(await stack.up([key("a")], { kill: { ...killed("sent", "host"), request: 99 } })).toMatchObject({
                ok: true,
                killed: false,
            });
        });

        it("and nothing more leaves a dead host", async () => {
            stack.config["xai:maxRetries"] = "8";
            await stack.up([key("a"), key("b")], { kill: killed("before", "engine") });
            await new Promise((resolve) => setTimeout(resolve, 300));
            expect(emulator.countRequests().createApiKey).toBeUndefined();
        });
    });
});
