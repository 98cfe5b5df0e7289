import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";
import { expectSettled, hoursLeft, oneKey, rotations, SAME, UPDATE } from "./rotating.js";

const OTHER = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

scenarios("rotation in place", (scenario) => {
    scenario(
        "a changed trigger is shown by the preview with its reason, and rotates in up alone",
        { clock: true, always: true },
        async (s) => {
            const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
            await s.up(release(1));
            const before = s.key("search");
            expect(rotations(s)).toBe(0);
            s.clock.pass(10);
            const preview = await s.preview(release(2));
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toContain(
                `API key ${before.apiKeyId} is due for a new secret: \`rotation.triggers\` has changed.`,
            );
            expect((await s.refresh()).changes).toEqual(SAME);
            expect(rotations(s)).toBe(0);
            s.emulator.clearRequests();

            const { outputs, changes } = await s.up();
            expect(changes).toEqual(UPDATE);
            expect(s.emulator.countRequests()).toEqual({
                rotateApiKey: 1,
                checkApiKeyPropagation: 1,
                listModels: 1,
                listEndpoints: 1,
            });
            const { apiKey, previousApiKeys, modifyTime: _, ...rest } = s.key("search");
            expect({ ...before, ...rest }).toEqual(before);
            expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
            expect(apiKey).not.toBe(before.apiKey);
            expect(previousApiKeys).toEqual([{ apiKey: before.apiKey, expireTime: expect.any(String) }]);
            expect(hoursLeft(s)).toEqual([24]);
            expect(outputs["until"]?.value).toMatch(/^2030-01-12T/);
            expect(outputs["rotatedAt"]?.value).toMatch(/^2030-01-11T/);
            await expectSettled(s);
        },
    );

    scenario(
        "`every` is due each time that long has passed, and a trigger starts it anew",
        { clock: true },
        async (s) => {
            const program = (version: number) => oneKey({ rotation: { every: "30d", triggers: { version } } });
            await s.up(program(1));
            s.clock.pass(29);
            expect((await s.preview()).changes).toEqual(SAME);
            s.clock.pass(2);
            const preview = await s.preview();
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toMatch(/is due for a new secret: `rotation\.every` has passed since 2030-01-01T/);
            expect((await s.refresh()).changes).toEqual(SAME);
            await s.up();
            expect(rotations(s)).toBe(1);
            expect((await s.up()).changes).toEqual(SAME);

            await s.up(program(2));
            expect(rotations(s)).toBe(2);
            // Counted from day 31, and no longer from day 30.
            s.clock.pass(29.9);
            expect((await s.preview()).changes).toEqual(SAME);
            s.clock.pass(0.2);
            await s.up();
            expect(rotations(s)).toBe(3);
            await expectSettled(s);
        },
    );

    scenario(
        "what comes to a key that is there: `every` counts from then on, triggers rotate",
        { clock: true },
        async (s) => {
            await s.up(oneKey());
            s.clock.pass(100);
            expect((await s.up(oneKey({ rotation: { every: "30d" } }))).changes).toEqual(UPDATE);
            expect((await s.preview()).changes).toEqual(SAME);
            expect(rotations(s)).toBe(0);
            await s.up(oneKey({ rotation: { every: "30d", triggers: { release: 1 } } }));
            expect(rotations(s)).toBe(1);
            expect((await s.up(oneKey())).changes).toEqual(UPDATE);
            expect(rotations(s)).toBe(1);
            expect((await s.preview()).changes).toEqual(SAME);
        },
    );

    scenario(
        "drift does not rotate, before or after a rotation, and is put right beside it",
        { clock: true },
        async (s) => {
            await s.up(oneKey({ rotation: { every: "30d", triggers: { a: "b" } }, expiresIn: "90d" }));
            s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 7, expireTime: null });
            expect((await s.refresh()).changes).toEqual(UPDATE);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect(rotations(s)).toBe(0);
            expect(s.masks()).toEqual(["expireTime,qpm"]);
            s.clock.pass(31);
            s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 8 });
            await s.refresh();
            await s.up();
            expect(rotations(s)).toBe(1);
            expect(s.masks()).toEqual(["expireTime,qpm", "qpm"]);
            expect(s.key("search").qpm).toBe(100);
            await expectSettled(s);
        },
    );

    scenario(
        "drift takes nothing away from what `ignoreChanges` leaves as it is, nor shows what is secret",
        { clock: true },
        async (s) => {
            const rotation = { every: "30d", overlap: "48h", triggers: { word: pulumi.secret("cLaSsIfIeD-word") } };
            const program = (args: Partial<xai.XaiApiKeyArgs>, ignoreChanges: string[]) => async () => {
                new xai.XaiApiKey("search", { acls: ACLS, qpm: 100, ...args }, { ignoreChanges });
            };
            const own = ["expiresIn", "expireTime", "rotation"];
            await s.up(program({ expiresIn: "90d", rotation }, []));
            const { expireTime } = s.key("search");
            s.emulator.changeKey(s.key("search").apiKeyId, { qpm: 7 });
            expect((await s.refresh()).changes).toEqual(UPDATE);
            const { inputs } = await s.resource("search");
            expect(inputs).toMatchObject({ expiresIn: "90d", rotation: { every: "30d", overlap: "48h" } });
            await s.up(program({ expiresIn: "60d", rotation: { every: "10d" } }, own));
            expect(s.masks()).toEqual(["qpm"]);
            expect(s.key("search").expireTime).toBe(expireTime);
            expect((await s.preview(program({ expiresIn: "90d", rotation }, []))).changes).toEqual(SAME);
            s.clock.pass(31);
            await s.up(program({}, own));
            expect(rotations(s)).toBe(1);
            expect(hoursLeft(s)).toEqual([48]);
            const texts = s.stack
                .files()
                .map((file) => file.text)
                .join("\n");
            expect(texts).not.toContain("cLaSsIfIeD");
        },
    );

    scenario("`overlap`: at once, and up to the API's seven days", { clock: true }, async (s) => {
        const program = (overlap: string) => oneKey({ rotation: { overlap, triggers: { overlap } } });
        await s.up(program("24h"));
        await s.up(program("0s"));
        expect(hoursLeft(s)).toEqual([0]);
        await s.up(program("7d"));
        expect(hoursLeft(s)).toEqual([0, 168]);
        const failure = await s.failure(s.preview(program("8d")));
        expect(failure).toContain("rotation.overlap");
        expect(failure).toContain('"8d" is not allowed');
    });

    scenario(
        "triggers that are secret or not known yet stay so, and rotate when they change",
        { clock: true },
        async (s) => {
            const program = (version: string) => async () => {
                const first = new xai.XaiApiKey("first", { acls: ACLS, rotation: { triggers: { version } } });
                new xai.XaiApiKey("search", {
                    acls: ACLS,
                    rotation: { triggers: { first: first.rotatedAt, word: pulumi.secret(`cLaSsIfIeD-${version}`) } },
                });
            };
            await s.up(program("one"));
            // Beside what will be known only in the run nothing of the map can be compared yet.
            expect((await s.preview(program("two"))).changes).toEqual({ same: 2, update: 1 });
            await s.up();
            expect(rotations(s)).toBe(2);
            expect((await s.preview()).changes).toEqual({ same: 3 });
            const texts = s.stack
                .files()
                .map((file) => file.text)
                .join("\n");
            expect(texts).not.toContain("cLaSsIfIeD");
        },
    );

    scenario("a replaced key starts over", { clock: true, emulator: { otherTeams: [OTHER] } }, async (s) => {
        const program = (args: Partial<xai.XaiApiKeyArgs>) =>
            oneKey({ rotation: { every: "30d" }, expiresIn: "90d", ...args });
        await s.up(program({}));
        s.clock.pass(45);
        await s.up();
        expect(rotations(s)).toBe(1);
        s.clock.pass(10);
        expect((await s.up(program({ teamId: OTHER }))).changes).toEqual({ replace: 1, same: 1 });
        expect((await s.resource("search")).outputs["schedule"]).toMatchObject({ generation: 0 });
        expect(s.key("search").expireTime).toMatch(/^2030-05-26T/);
        s.clock.pass(29);
        expect((await s.preview()).changes).toEqual(SAME);
        s.clock.pass(2);
        expect((await s.up(undefined, { replace: ["search"] })).changes).toEqual({ replace: 1, same: 1 });
        expect((await s.resource("search")).outputs["schedule"]).toMatchObject({ generation: 0 });
        expect(rotations(s)).toBe(1);
        expect((await s.preview()).changes).toEqual(SAME);
    });
});

scenarios("a rotation in trouble", (scenario) => {
    const release = (version: number, args: Partial<xai.XaiApiKeyArgs> = {}) =>
        oneKey({ rotation: { triggers: { version } }, ...args });

    scenario(
        "whose answer was lost is made certain: the stored secret is the one that works",
        { clock: true },
        async (s) => {
            await s.up(release(1));
            s.emulator.inject({ operation: "rotateApiKey", cut: "after" });
            await s.up(release(2));
            expect(rotations(s)).toBe(2);
            await expectSettled(s);
        },
    );

    scenario(
        "whose answers are all lost is made by the next up, a refresh between or not",
        { clock: true },
        async (s) => {
            await s.up(release(1));
            s.emulator.inject({ operation: "rotateApiKey", cut: "after", times: 3 });
            const failure = await s.failure(s.up(release(2)));
            expect(failure).toContain(`API key ${s.key("search").apiKeyId} may have a new secret that no answer held`);
            await s.refresh();
            expect((await s.preview()).changes).toEqual(UPDATE);
            await s.up();
            expect(rotations(s)).toBe(4);
            await expectSettled(s);
        },
    );

    scenario(
        "that not every cluster knows in time keeps the new secret, and the next up goes on waiting",
        { clock: true, emulator: { propagation: 0 } },
        async (s) => {
            await s.up(release(1, { propagationTimeout: "600ms" }));
            s.emulator.setPropagation("never");
            expect(await s.failure(s.up(release(2, { propagationTimeout: "600ms" })))).toContain(
                "is not known everywhere",
            );
            s.emulator.setPropagation(0);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect(rotations(s)).toBe(1);
            await expectSettled(s);
        },
    );

    scenario(
        "on a server without rotation says how to replace the key, and keeps what else was written",
        { clock: true, emulator: { dialect: { rotation: false } } },
        async (s) => {
            await s.up(release(1));
            const { apiKeyId, apiKey } = s.key("search");
            const failure = await s.failure(s.up(release(2, { qpm: 7 })));
            expect(failure).toContain(`API key ${apiKeyId} is due for a new secret, but this server has no rotation`);
            expect(failure).toContain("pulumi up --replace '<urn>'");
            expect(s.masks()).toEqual(["qpm"]);
            expect(s.key("search")).toMatchObject({ apiKeyId, apiKey, qpm: 7 });
            expect((await s.resource("search")).outputs).toMatchObject({ qpm: 7 });
            const { changes, outputs } = await s.up(undefined, { replace: ["search"] });
            expect(changes).toEqual({ replace: 1, same: 1 });
            expect(outputs["secret"]?.value).not.toBe(apiKey);
            await expectSettled(s);
        },
    );
});
