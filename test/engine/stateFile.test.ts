import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secret } from "@pulumi/pulumi";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cliEnvironment, NO_CLI, pulumiCommand, titleUnless } from "./cli.js";
import { StateFile } from "./stateFile.js";

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the state's file"), () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "pulumi-xai-state-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    test("says what the CLI says of it", async () => {
        const program = async () => ({ plain: ["a"], hidden: secret({ b: 1 }), deep: { hidden: [secret("c")] } });
        const stack = await LocalWorkspace.createStack(
            { projectName: "shop", stackName: "test", program },
            {
                workDir: folder,
                projectSettings: { name: "shop", runtime: "nodejs", backend: { url: `file://${folder}` } },
                envVars: cliEnvironment(join(folder, "home")),
                pulumiCommand: await pulumiCommand(),
            },
        );
        const state = new StateFile(folder, "shop", "test");
        for (const step of [async () => undefined, () => stack.up()]) {
            await step();
            const exported = await stack.exportStack();
            expect(state.deployment().deployment.resources).toEqual(exported.deployment.resources);
            expect(state.outputs()).toEqual(await stack.outputs());
        }
    });
});
