import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secret } from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliState } from "./cliState.js";
import { pulumiEnvironment, pulumiVersion } from "./pulumiCommand.js";

const isMissing = pulumiVersion() === undefined;

describe.skipIf(isMissing)(`the state's file${isMissing ? " (skipped: no `pulumi` on PATH)" : ""}`, () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "pulumi-xai-state-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    test("says what the Pulumi CLI says of it", async () => {
        const program = async () => ({ plain: ["a"], hidden: secret({ b: 1 }), deep: { hidden: [secret("c")] } });
        const stack = await LocalWorkspace.createStack(
            { projectName: "shop", stackName: "test", program },
            {
                workDir: folder,
                projectSettings: { name: "shop", runtime: "nodejs", backend: { url: `file://${folder}` } },
                envVars: pulumiEnvironment(),
            },
        );
        const state = new CliState(folder, "shop", "test");
        for (const step of [async () => undefined, () => stack.up(), () => stack.destroy()]) {
            await step();
            const told = await stack.exportStack();
            expect((await state.deployment()).deployment.resources).toEqual(told.deployment.resources);
            expect(await state.outputs()).toEqual(await stack.outputs());
        }
    });
});
