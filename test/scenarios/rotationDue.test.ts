import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { expectSettled, oneKey, rotations, SAME, UPDATE } from "./rotating.js";

scenarios("a rotation that is due", (scenario) => {
    scenario("by triggers of any shape, for a change anywhere in them", { clock: true }, async (s) => {
        const program = (triggers: Record<string, unknown>) => oneKey({ rotation: { triggers } });
        const map = { text: "a", number: 1, yes: true, none: null, list: [1, { deep: "b" }], map: { x: 1, y: [] } };
        await s.up(program(map));
        const changed = [
            { ...map, number: 2 },
            { ...map, list: [1, { deep: "c" }] },
            { ...map, map: { x: 1, y: [0] } },
            { ...map, another: "" },
        ];
        for (const triggers of changed) {
            expect((await s.up(program(triggers))).changes).toEqual(UPDATE);
        }
        expect(rotations(s)).toBe(4);
        await expectSettled(s);
    });

    scenario(
        "is made once, however many periods have passed, which go on being counted from the first day",
        { clock: true, always: true },
        async (s) => {
            await s.up(oneKey({ rotation: { every: "30d" } }));
            s.clock.pass(100);
            const { output } = await s.preview();
            expect(output).toMatch(/is due for a new secret: `rotation\.every` has passed since 2030-01-01T/);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect((await s.up()).changes).toEqual(SAME);
            // Day 119, and day 121.
            s.clock.pass(19);
            expect((await s.preview()).changes).toEqual(SAME);
            s.clock.pass(2);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect(rotations(s)).toBe(2);
            await expectSettled(s);
        },
    );

    scenario(
        "waits until the slowest cluster knows the new secret, and keeps id, name and settings",
        { clock: true, emulator: { propagation: 0 } },
        async (s) => {
            const release = (version: number) =>
                oneKey({ name: "renewed", qps: 5, tpm: 7, disabled: true, rotation: { triggers: { version } } });
            await s.up(release(1));
            const [before] = s.emulator.keys();
            s.emulator.setPropagation({ "us-east-1": 0, "eu-west-1": 700 });
            s.emulator.clearRequests();
            const { output, outputs } = await s.up(release(2));
            expect(output).toContain("1 of 2 clusters, missing eu-west-1");
            expect(s.emulator.countRequests().checkApiKeyPropagation).toBeGreaterThan(1);
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            const [after] = s.emulator.keys();
            expect(after).toEqual({
                ...before,
                apiKey: expect.not.stringContaining(before?.apiKey ?? ""),
                previousApiKeys: [{ apiKey: before?.apiKey, expireTime: expect.any(String) }],
                modifyTime: expect.any(String),
            });
            expect(outputs["secret"]).toEqual({ value: after?.apiKey, secret: true });
        },
    );
});
