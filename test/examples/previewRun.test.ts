import { type ExecFileException, execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as xai from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { changesOf } from "../../examples/preview/changes.js";
import { dependenciesIn } from "../../examples/preview/consumers.js";
import { toMarkdown } from "../../examples/preview/markdown.js";
import { cliEnvironment, cliPath, NO_CLI, NO_FOLDER_PROGRAMS, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { createStack } from "../engine/testStack.js";
import { Consumer } from "../native/programs.js";

const ROOT = resolve(__dirname, "../..");
const EXAMPLE = join(ROOT, "examples/preview/preview.ts");

/** A program whose configuration decides what its one key may do. */
const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

const settings = new pulumi.Config();
const key = new xai.XaiApiKey("search", {
    acls: settings.requireObject<string[]>("acls"),
    qps: settings.getNumber("qps"),
    qpm: settings.getNumber("qpm"),
    tpm: 50_000,
});
export const secret = key.apiKey;
`;

interface Ran {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the preview example on an inline program"), () => {
    const change = `A rotation is due: changed triggers: leak. The key gets a new secret, and the old one works for another 2h.

- \`qps\`: \`5\` → no limit
- \`qpm\`: no limit → \`100\`
- \`rotation.triggers\`: \`{"leak":1}\` → \`{"leak":2}\`
- \`acls\`: added \`api-key:model:grok-3\`
- \`acls\`: removed \`api-key:model:grok-4\``;
    const consumers = "- update `store` (pulumi-nodejs:dynamic:Resource), `value`: the secret";
    const modes = [
        [
            "dynamic",
            xai,
            "Resources that use this key, and may change with it (a preview in dynamic mode does not know):",
        ],
        ["native", native, "Resources that use this key, and change with it:"],
    ] as const;

    it.each(modes)("shows a rotation, what else changes, and who uses the secret: %s", async (mode, sdk, note) => {
        const emulator = await startEmulator();
        const events: EngineEvent[] = [];
        const program = (leak: number, args: Partial<xai.XaiApiKeyArgs>) => async () => {
            const rotation = { overlap: "2h", triggers: { leak } };
            const acls = [sdk.acl.model("grok-4"), sdk.acl.endpoint("chat")];
            const key = new sdk.XaiApiKey("search", { acls, rotation, ...args });
            new Consumer("store", { KEY: key.apiKey });
            new Consumer("label", key.name);
        };
        const stack = await createStack({
            native: mode === "native",
            program: program(1, { qps: 5 }),
            config: configFor(emulator),
            onEvent: (event) => events.push(event),
        });
        try {
            await stack.up();
            events.splice(0);
            stack.program = program(2, { qpm: 100, acls: [sdk.acl.model("grok-3"), sdk.acl.endpoint("chat")] });
            await stack.preview({ savesPlan: true });
            const plan = stack.files().find(({ name }) => name.endsWith("plan.json"))?.text ?? "";
            expect(toMarkdown("test", changesOf(events, dependenciesIn(plan)))).toBe(`## Preview of \`test\`

- Keys: 1 to update
- Rotations due: \`search\`
- Other resources: 1 to update

### Update \`search\`

${change}

${note}

${consumers}
`);
        } finally {
            await stack.dispose();
            await emulator.close();
        }
    });
});

describe.skipIf(NO_FOLDER_PROGRAMS)(titleUnless(NO_FOLDER_PROGRAMS, "the preview example as it is run"), () => {
    let folder: string;
    let program: string;
    let emulator: Emulator;
    let environment: NodeJS.ProcessEnv;
    const printed: string[] = [];

    function run(file: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> {
        return new Promise((done) => {
            const options = { cwd: program, env: { ...environment, ...more } };
            execFile(file, args, options, (error: ExecFileException | null, stdout, stderr) => {
                done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
            });
        });
    }

    async function pulumi(...args: string[]): Promise<void> {
        const ran = await run(cliPath(), ["--non-interactive", ...args]);
        expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    }

    async function configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
        const pairs = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
        await pulumi("config", "set-all", ...pairs.flatMap((pair) => ["--plaintext", pair]));
    }

    async function example(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> {
        const ran = await run(join(ROOT, "node_modules/.bin/tsx"), [EXAMPLE, ...args], more);
        printed.push(ran.stdout, ran.stderr);
        return ran;
    }

    const previewOfDev = () => example(["--stack", "dev", "--cwd", program]);

    beforeAll(async () => {
        emulator = await startEmulator();
        folder = await mkdtemp(join(tmpdir(), "pulumi-xai-preview-"));
        program = join(folder, "program");
        const backend = join(folder, "backend");
        await Promise.all([mkdir(program), mkdir(backend)]);
        await Promise.all([
            writeFile(
                join(program, "Pulumi.yaml"),
                JSON.stringify({
                    name: "demo",
                    runtime: "nodejs",
                    main: "index.ts",
                    backend: { url: `file://${backend}` },
                }),
            ),
            writeFile(join(program, "index.ts"), PROGRAM),
            writeFile(join(program, "package.json"), JSON.stringify({ name: "demo", private: true })),
            cp(join(ROOT, "examples/quickstart/tsconfig.json"), join(program, "tsconfig.json")),
            symlink(join(ROOT, "node_modules"), join(program, "node_modules")),
        ]);
        environment = {
            ...process.env,
            ...emulator.env,
            ...cliEnvironment(join(folder, "home")),
            PULUMI_BACKEND_URL: `file://${backend}`,
        };
        await pulumi("stack", "init", "dev");
        await configure({ qps: 5, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"] });
    }, 120_000);

    afterAll(async () => {
        await emulator?.close();
        await rm(folder, { recursive: true, force: true });
    });

    it("shows a new key, and makes none", async () => {
        expect(await previewOfDev()).toEqual({
            code: 2,
            stdout: `## Preview of \`dev\`

- Keys: 1 to create
- Other resources: 1 to create

### Create \`search\`

- \`name\`: \`demo-dev-search\`
- \`qps\`: \`5\`
- \`qpm\`: no limit
- \`tpm\`: \`50000\`
- \`expireTime\`: never
- \`acls\`: added \`api-key:model:grok-4\`
- \`acls\`: added \`api-key:endpoint:chat\`
`,
            stderr: "",
        });
        expect(emulator.keys()).toEqual([]);
    });

    it("finds nothing to say once the stack is up, in whatever order the permissions are", async () => {
        await pulumi("up", "--yes", "--skip-preview");
        await configure({ acls: ["api-key:endpoint:chat", "api-key:model:grok-4"] });
        expect(await previewOfDev()).toEqual({
            code: 0,
            stdout: "## Preview of `dev`\n\nNo changes.\n",
            stderr: "",
        });
    });

    it("says in one line what is wrong", async () => {
        await configure({ qps: 0 });
        const noCli = { PATH: dirname(process.execPath) };
        const wrongs: [Promise<Ran>, RegExp][] = [
            [previewOfDev(), /^preview: .*qps.* 0 is not allowed: .*\n$/],
            [example(["--stack", "nope", "--cwd", program]), /^preview: no stack named 'nope' found\n$/],
            [example(["--stack", "dev", "--cwd", folder]), /^preview: .*Pulumi\.yaml.*\n$/],
            [example([]), /^preview: which stack\? .*\n$/],
            [example(["--stak", "dev"]), /^preview: .*'--stak'.*\n$/],
            [example(["--stack", "dev"], noCli), /^preview: there is no `pulumi` on PATH.*\n$/],
        ];
        for (const [ran, line] of wrongs) {
            const { code, stdout, stderr } = await ran;
            expect(stderr).toMatch(line);
            expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        }
    });

    it("never shows a secret", () => {
        const secrets = [emulator.managementKey, ...emulator.keys().map(({ apiKey }) => apiKey)];
        expect(secrets).toHaveLength(2);
        for (const secret of secrets) {
            expect(printed.join("\n")).not.toContain(secret);
        }
    });
});
