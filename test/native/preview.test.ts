import * as xai from "pulumi-xai/native";
import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { ACLS } from "../scenarios/programs.js";
import { Consumer } from "./programs.js";

/** A key with a consumer of its secret, of its redacted form, and of an output that is not set. */
const consumed =
    (args: Partial<xai.XaiApiKeyArgs> = {}) =>
    async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, ...args });
        new Consumer("ofSecret", key.apiKey);
        new Consumer("ofRedacted", key.redactedApiKey);
        new Consumer("ofUnset", key.tpm);
    };

const QUIET = { "shop-test": "same", search: "same", ofSecret: "same", ofRedacted: "same", ofUnset: "same" };
const ROTATED = { ...QUIET, search: "update", ofSecret: "update", ofRedacted: "update" };

scenarios("a preview in native mode", (scenario) => {
    scenario("tells which resources a run changes, and why", { native: true, clock: true }, async (s) => {
        const rotation = { triggers: { a: 1 }, every: "30d" };
        await s.up(consumed({ qpm: 100, rotation }));
        expect((await s.preview()).steps).toMatchObject(QUIET);

        const limit = consumed({ qpm: 101, rotation });
        const changed = await s.preview(limit);
        expect(changed.steps).toMatchObject({ ...QUIET, search: "update" });
        expect(changed.output).not.toContain(ACLS[0]);
        expect((await s.up()).steps).toMatchObject({ ...QUIET, search: "update" });

        const triggered = await s.preview(consumed({ qpm: 101, rotation: { ...rotation, triggers: { a: 2 } } }));
        expect(triggered.steps).toMatchObject(ROTATED);
        expect(triggered.output).toContain("#1: changed triggers: a");
        expect((await s.up()).steps).toMatchObject(ROTATED);

        s.clock.pass(31);
        const due = await s.preview();
        expect(due.steps).toMatchObject(ROTATED);
        expect(due.output).toContain("#2: 30d have passed");
        expect((await s.up()).steps).toMatchObject(ROTATED);
        expect((await s.preview()).steps).toMatchObject(QUIET);
    });
});
