import * as pulumi from "@pulumi/pulumi";
import type * as xai from "pulumi-xai";
import { expect } from "vitest";
import { strictPlans } from "../engine/cli.js";
import { scenarios } from "../engine/scenario.js";
import { expectSettled, oneKey, rotations, SAME, UPDATE } from "./programs.js";

const DAY = 86_400_000;

scenarios("rotation in place", (scenario) => {
    scenario(
        "by a trigger: the preview says why, up alone rotates, and nothing is left to do",
        { clock: true },
        async (s) => {
            const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
            await s.up(release(1));
            const before = s.key("search");
            s.clock.pass(10);
            const preview = await s.preview(release(2));
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toContain("#1: changed triggers: version");
            expect(rotations(s)).toBe(0);
            s.emulator.clearRequests();

            const { outputs } = await s.up();
            expect(s.emulator.countRequests()).toEqual({
                rotateApiKey: 1,
                checkApiKeyPropagation: 1,
                listModels: 1,
                listEndpoints: 1,
            });
            const { apiKey, previousApiKeys, modifyTime: _, ...rest } = s.key("search");
            expect({ ...before, ...rest }).toEqual(before);
            expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
            expect(previousApiKeys).toEqual([{ apiKey: before.apiKey, expireTime: expect.any(String) }]);
            expect(outputs["until"]?.value).toMatch(/^2030-01-12T/);
            expect(outputs["rotatedAt"]?.value).toMatch(/^2030-01-11T/);
            await expectSettled(s);
        },
    );

    scenario(
        "by time: the preview says why, a refresh makes none, and up makes one, however late it is",
        { clock: true },
        async (s) => {
            await s.up(oneKey({ rotation: { every: "30d" } }));
            s.clock.pass(29);
            expect((await s.up()).changes).toEqual(SAME);
            s.clock.pass(100);
            const preview = await s.preview();
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toContain("#1: 30d have passed");
            expect((await s.refresh()).changes).toEqual(SAME);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect((await s.up()).changes).toEqual(SAME);
            expect(rotations(s)).toBe(1);
        },
    );

    scenario("by a secret trigger that comes, changes and goes: no file ever holds it", { clock: true }, async (s) => {
        const program = (triggers?: Record<string, unknown>) => oneKey({ qpm: 100, rotation: { triggers } });
        const expectRotated = async (times: number) => {
            expect((await s.refresh()).changes).toEqual(SAME);
            s.expectHidden("cLaSsIfIeD");
            expect(rotations(s)).toBe(times);
        };
        await s.up(program());
        await s.up(program({ word: pulumi.secret("cLaSsIfIeD-one") }));
        s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 7 });
        expect((await s.refresh()).changes).toEqual(UPDATE);
        s.expectHidden("cLaSsIfIeD");
        expect(rotations(s)).toBe(1);
        await s.up(program({ word: pulumi.secret("cLaSsIfIeD-two"), other: "plain" }));
        expect(s.key("search").qpm).toBe(100);
        await expectRotated(2);
        await s.up(program());
        await expectRotated(2);
        expect((await s.up()).changes).toEqual(SAME);
    });

    scenario(
        "with `ignoreChanges`: a field is left to its drift, and with everything ignored nothing is due",
        { clock: true },
        async (s) => {
            const rotation = { every: "30d", overlap: "48h", triggers: { word: pulumi.secret("cLaSsIfIeD-word") } };
            const args = { qpm: 100, expiresIn: "90d", rotation };
            const ignoring = (ignoreChanges: string[], more: Partial<xai.XaiApiKeyArgs> = {}) =>
                oneKey({ ...args, ...more }, { ignoreChanges });
            await s.up(oneKey(args));
            const { apiKeyId, expireTime } = s.key("search");
            s.emulator.changeKey(apiKeyId, { qpm: 7, expireTime: s.clock.inDays(200) });
            expect((await s.refresh()).changes).toEqual(UPDATE);
            expect((await s.up(ignoring(["qpm"]))).changes).toEqual(UPDATE);
            expect(s.masks()).toEqual(["expireTime"]);
            expect(s.key("search")).toMatchObject({ qpm: 7, expireTime });

            s.clock.pass(31);
            s.emulator.changeKey(apiKeyId, { qpm: 8 });
            expect((await s.refresh()).changes).toEqual(UPDATE);
            const changed = { qpm: 9, expiresIn: "60d", rotation: { triggers: { word: "another" } } };
            expect((await s.up(ignoring(["*"], changed))).changes).toEqual(SAME);
            expect((await s.refresh()).changes).toEqual(SAME);
            expect([rotations(s), s.key("search").qpm]).toEqual([0, 8]);

            // What the program ignores counts on as it was.
            const own = ["expiresIn", "expireTime", "rotation"];
            expect((await s.up(ignoring(own, { expiresIn: "60d", rotation: { every: "90d" } }))).changes).toEqual(
                UPDATE,
            );
            expect([rotations(s), s.key("search").qpm]).toEqual([1, 100]);
            const [old] = s.key("search").previousApiKeys;
            expect(Math.round((Date.parse(old?.expireTime ?? "") - s.clock.now().getTime()) / DAY)).toBe(2);
            await expectSettled(s);
            s.expectHidden("cLaSsIfIeD");
        },
    );

    const skipped = strictPlans();
    scenario("in an update plan: an expiry that the run counts holds", { clock: true, skipped }, async (s) => {
        const program = oneKey({ expiresIn: "90d" });
        await s.preview(program, { savesPlan: true });
        s.clock.pass(0.1);
        expect((await s.up(program, { followsPlan: true })).changes).toEqual({ create: 2 });
    });

    scenario("in an update plan: what the preview foresaw is what up may do", { clock: true }, async (s) => {
        const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
        await s.up(release(1));
        s.clock.pass(10);
        expect((await s.preview(release(2), { savesPlan: true })).changes).toEqual(UPDATE);
        s.clock.pass(0.1);
        expect((await s.up(release(2), { followsPlan: true })).changes).toEqual(UPDATE);
        expect(rotations(s)).toBe(1);
        // A rotation that the plan does not know.
        await s.preview(release(2), { savesPlan: true });
        await s.failure(s.up(release(3), { followsPlan: true }));
        expect(rotations(s)).toBe(1);
    });
});
