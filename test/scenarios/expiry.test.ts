import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "./oneKey.js";

const oneKey =
    (args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args });
        return { secret: key.apiKey, expireTime: key.expireTime };
    };

const SAME = { same: 2 };
const UPDATE = { same: 1, update: 1 };

scenarios("expiry", (scenario) => {
    scenario(
        "`expiresIn` is counted once at creation, and never a difference after that",
        { clock: true },
        async (s) => {
            await s.up(oneKey({ expiresIn: "90d" }));
            const { expireTime } = s.key("search");
            expect(expireTime).toMatch(/^2030-04-01T/);
            for (const days of [1, 40]) {
                s.clock.pass(days);
                const preview = await s.preview();
                expect(preview.changes).toEqual(SAME);
                expect(preview.output).not.toContain("expires within");
                expect((await s.up(oneKey({ expiresIn: "2160h" }))).changes).toEqual(SAME);
                expect((await s.refresh()).changes).toEqual(SAME);
            }
            expect(s.key("search").expireTime).toBe(expireTime);
            await s.up(oneKey({ expiresIn: "100d" }));
            expect(s.masks()).toEqual(["expireTime"]);
            expect(s.key("search").expireTime).toMatch(/^2030-05-22T/);
            await s.up(oneKey());
            expect(s.key("search").expireTime).toBeNull();
            expect((await s.preview()).changes).toEqual(SAME);
        },
    );

    scenario(
        "`beforeExpiry` renews the secret in time, with a new expiry of the same length",
        { clock: true },
        async (s) => {
            await s.up(oneKey({ expiresIn: "90d", rotation: { beforeExpiry: "7d" } }));
            s.clock.pass(80);
            const early = await s.preview();
            expect(early.changes).toEqual(SAME);
            expect(early.output).not.toContain("expires within");
            s.clock.pass(4);
            const preview = await s.preview();
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toMatch(
                /is due for a new secret: less than `rotation\.beforeExpiry` is left until 2030-04-01T/,
            );
            expect((await s.refresh()).changes).toEqual(SAME);
            const { outputs } = await s.up();
            const key = s.key("search");
            expect(key.expireTime).toMatch(/^2030-06-24T/);
            expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
            expect(s.emulator.countRequests()).toMatchObject({ rotateApiKey: 1 });
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            expect((await s.preview()).changes).toEqual(SAME);
            // Also a key that has been left alone for too long.
            s.clock.pass(200);
            await s.up();
            expect(s.key("search").expireTime).toMatch(/^2031-01-10T/);
            // Its secret does not work again.
            const [, old] = s.key("search").previousApiKeys;
            expect(Date.parse(old?.expireTime ?? "")).toBe(Date.parse(key.expireTime ?? ""));
            expect((await s.preview()).changes).toEqual(SAME);
        },
    );

    scenario(
        "that a clock which was years ahead has counted is warned about, and `every` is counted from today",
        { clock: true },
        async (s) => {
            s.clock.pass(1000);
            await s.up(oneKey({ expiresIn: "90d", rotation: { every: "30d" } }));
            s.clock.pass(-1000);
            expect((await s.refresh()).changes).toEqual(SAME);
            const preview = await s.preview();
            expect(preview.changes).toEqual(UPDATE);
            expect(preview.output).toContain("which is more than `expiresIn` from now");
            expect((await s.up()).changes).toEqual(UPDATE);
            expect((await s.up()).changes).toEqual(SAME);
            s.clock.pass(31);
            const { output } = await s.up();
            expect(output).toMatch(/is due for a new secret: `rotation\.every` has passed since 2030-01-01T/);
            expect(s.key("search").expireTime).toMatch(/^2030-05-02T/);
            expect((await s.preview()).output).not.toContain("from now");
        },
    );

    scenario(
        "is warned about two weeks before and ever after, and revived in place",
        { clock: true, always: true },
        async (s) => {
            const expireTime = s.clock.inDays(60);
            await s.up(oneKey({ expireTime }));
            s.clock.pass(45.9);
            expect((await s.preview()).output).not.toContain("expires within 14 days");
            s.clock.pass(1);
            expect((await s.preview()).output).toContain(
                `The API key "shop-test-search" with \`expireTime\` ${expireTime} expires within 14 days`,
            );
            s.clock.pass(20);
            const expired = await s.preview();
            expect(expired.changes).toEqual(SAME);
            expect(expired.output).toContain(`\`expireTime\` ${expireTime} has expired`);
            const { apiKey } = s.key("search");
            const { output } = await s.up(oneKey({ expireTime: s.clock.inDays(60) }));
            expect(output).not.toContain("has expired");
            expect(s.masks()).toEqual(["expireTime"]);
            expect(s.key("search").apiKey).toBe(apiKey);
            expect((await s.preview()).output).not.toMatch(/has expired|expires within/);
        },
    );

    scenario(
        "that was counted and nothing renews is warned about with what would renew it",
        { clock: true },
        async (s) => {
            await s.up(oneKey({ expiresIn: "30d" }));
            s.clock.pass(20);
            const { output } = await s.preview();
            expect(output).toContain("expires within 14 days");
            expect(output).toContain("`rotation.beforeExpiry` renews it by itself");
        },
    );

    scenario(
        "is counted anew by a rotation, and not warned about where one comes before it",
        { clock: true },
        async (s) => {
            const program = (version: number, every: string) =>
                oneKey({ expiresIn: "35d", rotation: { every, triggers: { version } } });
            await s.up(program(1, "30d"));
            expect(s.key("search").expireTime).toMatch(/^2030-02-05T/);
            s.clock.pass(25);
            expect((await s.preview()).output).not.toMatch(/has expired|expires within/);
            expect((await s.preview(program(1, "40d"))).output).toContain("expires within 14 days");
            await s.up(program(2, "30d"));
            expect(s.key("search").expireTime).toMatch(/^2030-03-02T/);
            expect(s.emulator.countRequests()).toMatchObject({ rotateApiKey: 1 });
            expect(s.emulator.countRequests()).not.toHaveProperty("updateApiKey");
            expect((await s.preview()).changes).toEqual(SAME);
        },
    );

    scenario("that was counted is revived in place by another `expiresIn`", { clock: true }, async (s) => {
        await s.up(oneKey({ expiresIn: "30d" }));
        const { apiKey, apiKeyId } = s.key("search");
        s.clock.pass(40);
        expect((await s.preview()).output).toContain("has expired: it is refused until that is changed");
        await s.up(oneKey({ expiresIn: "60d" }));
        expect(s.masks()).toEqual(["expireTime"]);
        expect(s.key("search")).toMatchObject({ apiKey, apiKeyId, expireTime: expect.stringMatching(/^2030-04-11T/) });
        const { changes, output } = await s.preview();
        expect(changes).toEqual(SAME);
        expect(output).not.toMatch(/has expired|expires within/);
    });

    scenario("bad arguments are refused by their names", {}, async (s) => {
        const failure = await s.failure(
            s.preview(
                oneKey({
                    expiresIn: "7d",
                    expireTime: "2099-01-01T00:00:00Z",
                    rotation: { every: "monthly", beforeExpiry: "8d", overlap: "30d" },
                }),
            ),
        );
        for (const property of ["expiresIn", "rotation.every", "rotation.beforeExpiry", "rotation.overlap"]) {
            expect(failure).toContain(property);
        }
        expect(await s.failure(s.preview(oneKey({ rotation: { beforeExpiry: "8d" } })))).toContain("needs `expiresIn`");
    });
});
