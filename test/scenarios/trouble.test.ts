import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { expectSettled, flat, label, oneKey, rotations, SAME } from "./programs.js";

scenarios("trouble", (scenario) => {
    scenario(
        "a create whose answer was lost takes the key under its default name, with a new secret",
        {},
        async (s) => {
            s.emulator.inject({ operation: "createApiKey", cut: "after" });
            const { outputs, output } = await s.up(oneKey());
            const key = s.key("search");
            expect(outputs["secret"]).toEqual({ value: key.apiKey, secret: true });
            expect(flat(output)).toContain(`The answer to the creation of ${label(key)} was lost`);
            await expectSettled(s);
            await s.destroy();
            expect(s.emulator.keys()).toEqual([]);
        },
    );

    scenario(
        "a provider host that is killed in a rotation leaves it to the next up, which stores the secret that works",
        { kills: true, clock: true },
        async (s) => {
            const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
            await s.up(release(1));
            await s.killer.killHost("rotateApiKey", () => s.up(release(2)));
            expect(rotations(s)).toBe(1);
            await s.up();
            expect(rotations(s)).toBe(2);
            await expectSettled(s);
        },
    );

    scenario(
        "an engine that is killed once the server has created a key leaves the key for the next up to name",
        { kills: true },
        async (s) => {
            await s.killer.killEngine("createApiKey", s.stack, () => s.up(oneKey()));
            const orphan = s.key("search");
            const { output, outputs } = await s.up();
            expect(flat(output)).toContain(
                `${label(orphan)} of team ${orphan.teamId} has the default name of a new key`,
            );
            const others = s.emulator.keys().filter(({ apiKeyId }) => apiKeyId !== orphan.apiKeyId);
            expect(others.map(({ apiKey }) => apiKey)).toEqual([outputs["secret"]?.value]);
            expect((await s.preview()).changes).toEqual(SAME);
        },
    );
});
