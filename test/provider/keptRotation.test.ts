import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { givenBack, keptRotation, sameRotation, standsFor } from "../../provider/keptRotation.js";
import { ClockedStack } from "./clockedStack.js";
import { UNKNOWN } from "./dynamicHost.js";
import { requestsOf } from "./emulators.js";

type Inputs = Readonly<Record<string, unknown>>;

/** What the engine makes of arguments whose changes it is to ignore: the stored ones, also where there are none. */
function ignoring(args: Inputs, names: readonly string[], stored: Inputs): Inputs {
    const rest = Object.entries(args).filter(([name]) => !names.includes(name));
    return Object.fromEntries([...rest, ...names.flatMap((name) => (name in stored ? [[name, stored[name]]] : []))]);
}

describe("a refresh with drift, where changes are ignored", () => {
    const WORD = "cLaSsIfIeD";
    const ARGS = {
        qpm: 5,
        expiresIn: "90d",
        rotation: { every: "30d", beforeExpiry: "7d", overlap: "48h", triggers: { word: WORD } },
    };

    test.each([[["expiresIn"]], [["rotation"]], [["expireTime"]], [["expiresIn", "rotation", "expireTime"]]])(
        "of %j, keeps expiry and rotation",
        async (names) => {
            const stack = await ClockedStack.of();
            await stack.up(ARGS);
            const { expireTime } = stack.key;
            stack.emulator.changeKey(stack.key.apiKeyId, { qpm: 7 });
            expect(await stack.refresh()).toBe(true);
            stack.emulator.clearRequests();
            expect(await stack.up(ignoring(ARGS, names, stack.inputs))).toBe("update");
            expect(requestsOf(stack.emulator, "updateApiKey").map(({ body }) => body)).toEqual([
                expect.objectContaining({ fieldMask: "qpm" }),
            ]);
            expect(stack.writes()).toEqual(["updateApiKey"]);
            expect(stack.key.expireTime).toBe(expireTime);
            expect((await stack.preview(ignoring(ARGS, names, stack.inputs))).step).toBe("same");
            // And where they are no longer ignored, nothing has been forgotten.
            expect((await stack.preview(ARGS)).step).toBe("same");
            stack.pass(31);
            expect(await stack.up(ignoring(ARGS, names, stack.inputs))).toBe("rotate");
            const [{ expireTime: end = "" } = {}] = stack.key.previousApiKeys;
            expect((Date.parse(end) - stack.now()) / 3_600_000).toBeCloseTo(48, 1);
        },
    );

    test("gives back what the program gave, but for the values of the triggers", async () => {
        const stack = await ClockedStack.of();
        await stack.up(ARGS);
        const before = stack.inputs;
        stack.emulator.changeKey(stack.key.apiKeyId, { qpm: 7 });
        await stack.refresh();
        expect(JSON.stringify([stack.inputs, stack.state])).not.toContain(WORD);
        expect(stack.inputs).toMatchObject({ expiresIn: "90d", schedule: before["schedule"] });
        expect(stack.inputs["rotation"]).toEqual({
            every: "30d",
            beforeExpiry: "7d",
            overlap: "48h",
            triggers: { digest: expect.any(String) },
        });
        expect((await stack.preview({ ...ARGS, qpm: 7 })).step).toBe("same");
        const other = { ...ARGS, rotation: { ...ARGS.rotation, triggers: { word: "another" } } };
        expect((await stack.preview(other)).step).toBe("rotate");
    });
});

describe("the durations that are kept", () => {
    test("are those of the argument, and a difference where they change", () => {
        const duration = fc.constantFrom("30d", "1h", null, undefined, 7);
        const rotation = fc.option(
            fc.record({ every: duration, beforeExpiry: duration, overlap: duration, triggers: fc.object() }),
            { nil: undefined },
        );
        fc.assert(
            fc.property(rotation, rotation, (a, b) => {
                expect(sameRotation(keptRotation(a), a)).toBe(true);
                expect(sameRotation(keptRotation(a), b)).toBe(
                    JSON.stringify(keptRotation(a)) === JSON.stringify(keptRotation(b)),
                );
                expect(keptRotation(givenBack(keptRotation(a), "digest"))).toEqual(keptRotation(a));
            }),
        );
    });

    test.each([UNKNOWN, { every: UNKNOWN }, { every: "30d", triggers: UNKNOWN }])(
        "do not change with what is not known yet: %j",
        (rotation) => {
            expect(sameRotation({ every: "30d" }, rotation)).toBe(true);
        },
    );

    test("are none where the program gives no rotation", () => {
        expect([undefined, null, 5].map(keptRotation)).toEqual([undefined, undefined, undefined]);
        expect(givenBack(undefined, "digest")).toBeUndefined();
        expect(sameRotation({}, null)).toBe(false);
        expect(sameRotation(undefined, {})).toBe(false);
    });
});

test.each<[Inputs, string | undefined, boolean]>([
    [{ digest: "abc" }, "abc", true],
    [{ digest: "abd" }, "abc", false],
    [{ digest: "abc", more: 1 }, "abc", false],
    [{ digest: undefined }, undefined, false],
    [{}, undefined, false],
])("%j stands for the triggers of digest %s: %s", (triggers, digest, stands) => {
    expect(standsFor(triggers, digest)).toBe(stands);
});
