import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";
import { describe, expect, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { leaks } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";

/** A secret as the engine sends it. Pulumi hands it on from a program in a folder; in an inline program its mark would be lost. */
const marked = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "a transform that replaces a key's options"), () => {
    test("fails the run in one line; the next up without it encrypts the secret; `__inputs` is encrypted all along", async () => {
        const emulator = await startEmulator();
        const stack = await createStack({ config: configFor(emulator) });
        const key = () =>
            new xai.XaiApiKey("search", {
                acls: [xai.acl.allModels, xai.acl.allEndpoints],
                rotation: { triggers: { word: pulumi.secret("cLaSsIfIeD-word") } },
            });
        const rawState = () => stack.files().filter(({ name }) => /stacks.*test\.json$/.test(name));
        try {
            stack.program = async () => {
                pulumi.runtime.registerResourceTransform(({ props }) => {
                    const rotation = { triggers: { word: marked("cLaSsIfIeD-word") } };
                    return { props: { ...props, rotation, __inputs: marked("") }, opts: {} };
                });
                key();
            };
            expect((await stack.preview()).changes).toEqual({ create: 2 });
            const failure = String(await stack.up().catch((error: unknown) => error));
            expect(failure).toContain(
                'XaiApiKey "search": its secret is in the state in the clear, because a transform replaced the resource\'s options (`opts`).',
            );
            expect(failure).not.toMatch(/^\s+at /m);
            expect(leaks(emulator.secrets(), [{ name: "the failure", text: failure }])).toEqual([]);
            const clear = rawState();
            expect(clear).toHaveLength(1);
            expect(clear[0]?.text).toContain(emulator.keys()[0]?.apiKey);
            expect(clear[0]?.text).toMatch(
                /"outputs":\{"__inputs":\{"4dabf18193072939515e22adb298388d":"[0-9a-f]+","ciphertext"/,
            );
            expect(clear[0]?.text).not.toContain("cLaSsIfIeD");

            stack.program = async () => void key();
            await stack.up();
            expect(leaks(emulator.secrets(), rawState())).toEqual([]);
        } finally {
            await stack.dispose();
            await emulator.close();
        }
    });
});
