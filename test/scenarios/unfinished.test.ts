import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { expectSettled, flat, label, MODES, oneKey, rotations, SAME, UPDATE } from "./programs.js";

scenarios("what is unfinished", (scenario) => {
    scenario(
        "a create whose wait does not end keeps the key, and the next up goes on, a refresh between or not",
        { emulator: { propagation: "never" } },
        async (s) => {
            const first = flat(await s.failure(s.up(oneKey({ propagationTimeout: "600ms" }))));
            const key = s.key("search");
            expect(first).toContain(`${label(key)} is not known everywhere after 600ms (\`propagationTimeout\`)`);
            expect(first).toContain("us-east-1, eu-west-1 missing");
            expect(await s.resource("search")).toMatchObject({
                id: key.apiKeyId,
                outputs: { pending: ["propagation"] },
            });
            s.emulator.clearRequests();
            expect(await s.failure(s.up())).toContain("is not known everywhere");
            expect((await s.refresh()).changes).toEqual(UPDATE);
            s.emulator.setPropagation(0);
            expect((await s.up()).changes).toEqual(UPDATE);
            await expectSettled(s);
            expect(s.key("search").apiKey).toBe(key.apiKey);
            expect(s.emulator.countRequests()).not.toHaveProperty("createApiKey");
        },
    );

    scenario(
        "a rotation whose wait does not end is not made again: up waits for the slowest cluster alone",
        { clock: true, emulator: { propagation: { "us-east-1": 0, "eu-west-1": 700 } } },
        async (s) => {
            const release = (version: number) =>
                oneKey({ expiresIn: "90d", propagationTimeout: "3s", rotation: { triggers: { version } } });
            expect((await s.up(release(1))).output).toContain("on 1 of 2 clusters, eu-west-1 missing");
            expect(s.emulator.countRequests().checkApiKeyPropagation).toBeGreaterThan(1);
            s.clock.pass(10);
            s.emulator.setPropagation("never");
            expect(await s.failure(s.up(release(2)))).toContain("is not known everywhere");
            const { expireTime } = s.key("search");
            expect((await s.refresh()).changes).toEqual(UPDATE);
            s.clock.pass(5);
            s.emulator.setPropagation(0);
            expect((await s.up()).changes).toEqual(UPDATE);
            expect(rotations(s)).toBe(1);
            expect(s.key("search").expireTime).toBe(expireTime);
            await expectSettled(s);
        },
    );

    for (const { mode, options, oneKey } of MODES) {
        scenario(
            `in ${mode} an update of which a part failed keeps that part: the second refresh is quiet, and up does the rest`,
            { ...options, clock: true },
            async (s) => {
                const program = (word: string, qpm: number) =>
                    oneKey({ qpm, waitForPropagation: false, rotation: { triggers: { word: pulumi.secret(word) } } });
                await s.up(program("cLaSsIfIeD-one", 100));
                s.emulator.inject({ operation: "updateApiKey", status: 403 });
                const failure = flat(await s.failure(s.up(program("cLaSsIfIeD-two", 200))));
                expect(failure).toContain("team-token:endpoint:UpdateApiKey");
                expect(failure).toContain("The key is kept in the stack.");
                expect(s.key("search").qpm).toBe(100);
                await s.refresh();
                s.clock.pass(1);
                expect((await s.refresh()).changes).toEqual(SAME);
                expect((await s.up()).changes).toEqual(UPDATE);
                expect(s.masks()).toEqual(["qpm"]);
                expect(rotations(s)).toBe(1);
                await expectSettled(s);
                s.expectHidden("cLaSsIfIeD");
            },
        );
    }
});
