import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { flat } from "./adopting.js";
import { expectSettled, oneKey, rotations } from "./rotating.js";

scenarios("a provider host that is killed", (scenario) => {
    scenario(
        "in a create makes no key, or one that the next up names; the stack is whole then",
        { kills: true, always: true },
        async (s) => {
            await s.killer.killHost({ operation: "createApiKey", side: "request" }, () => s.up(oneKey()));
            expect(s.emulator.keys()).toEqual([]);
            await s.killer.killHost({ operation: "createApiKey", side: "answer" }, () => s.up());
            const { apiKeyId: orphan } = s.key("search");

            const { output, outputs } = await s.up();
            expect(flat(output)).toContain(`API key ${orphan} of team`);
            expect(output).toContain("probably left behind");
            const made = s.emulator.keys().filter(({ apiKeyId }) => apiKeyId !== orphan);
            expect(made.map(({ apiKey }) => apiKey)).toEqual([outputs["secret"]?.value]);
            expect((await s.preview()).changes).toEqual({ same: 2 });
        },
    );

    scenario(
        "in a rotation leaves it to the next up, and the stored secret is the one that works",
        { kills: true, always: true, clock: true },
        async (s) => {
            const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
            await s.up(release(1));
            await s.killer.killHost({ operation: "rotateApiKey", side: "request" }, () => s.up(release(2)));
            expect(rotations(s)).toBe(0);
            await s.killer.killHost({ operation: "rotateApiKey", side: "answer" }, () => s.up());
            expect(rotations(s)).toBe(1);
            await s.up();
            expect(rotations(s)).toBe(2);
            await expectSettled(s);
        },
    );

    scenario(
        "in a delete leaves it to the next destroy, which takes a key that is gone for deleted",
        { kills: true, always: true },
        async (s) => {
            await s.up(oneKey());
            await s.killer.killHost({ operation: "deleteApiKey", side: "request" }, () => s.destroy());
            expect(s.emulator.keys()).toHaveLength(1);
            await s.killer.killHost({ operation: "deleteApiKey", side: "answer" }, () => s.destroy());
            expect(s.emulator.keys()).toEqual([]);
            await s.destroy();
            expect(await s.resources()).toEqual([]);
        },
    );
});

scenarios("an engine that is killed", (scenario) => {
    scenario(
        "once the server has created a key leaves the key for the next up to name",
        { kills: true, always: true },
        async (s) => {
            const point = { operation: "createApiKey", side: "answer" } as const;
            await s.killer.killEngine(point, s.stack, () => s.up(oneKey()));
            const { apiKeyId: orphan } = s.key("search");
            const { output, outputs } = await s.up();
            expect(flat(output)).toContain(`API key ${orphan} of team`);
            const made = s.emulator.keys().filter(({ apiKeyId }) => apiKeyId !== orphan);
            expect(made.map(({ apiKey }) => apiKey)).toEqual([outputs["secret"]?.value]);
            expect((await s.preview()).changes).toEqual({ same: 2 });
        },
    );
});
