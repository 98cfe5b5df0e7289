import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalStack, OperationFailedError, ProjectError } from "../../../sdk/testing/engine/index.js";
import { Playground, PROVIDER_TEXT, rejection } from "./harness.js";

let ground: Playground;
beforeEach(() => {
    ground = new Playground();
});
afterEach(async () => {
    await ground.close();
});

describe("programs run as they do under the CLI", () => {
    test("with configuration, secret or not, and the names of things", async () => {
        const stack = await ground.files(`
            const config = new pulumi.Config();
            module.exports = {
                plain: config.require("plain"), number: config.requireNumber("number"),
                secret: new pulumi.Config("xai").requireSecret("key"), names: [pulumi.getProject(), pulumi.getStack()],
                organization: pulumi.getOrganization(), preview: pulumi.runtime.isDryRun(),
            };`);
        await stack.setAllConfig({
            plain: { value: "text" },
            number: { value: "7" },
            "xai:key": { value: "hush", secret: true },
        });
        const { outputs, stdout, stderr, summary } = await stack.up();
        expect(outputs).toEqual({
            plain: { value: "text", secret: false },
            number: { value: 7, secret: false },
            secret: { value: "hush", secret: true },
            names: { value: ["p", "dev"], secret: false },
            organization: { value: "organization", secret: false },
            preview: { value: false, secret: false },
        });
        expect(stdout + stderr + JSON.stringify(summary)).not.toContain("hush");
        expect(stderr).toBe("a local engine for tests and first steps; use the Pulumi CLI for real stacks\n");
    });

    test("with a secret of the configuration hidden wherever it is printed", async () => {
        const stack = await ground.files(
            'console.log(new pulumi.Config("xai").get("key")); new Thing("a", { value: "hush" });',
        );
        await stack.setConfig("xai:key", { value: "hush", secret: true });
        const events: string[] = [];
        const { stdout } = await stack.up({ onEvent: (event) => events.push(JSON.stringify(event)) });
        expect(stdout).toContain("[secret]");
        expect(stdout + events.join("")).not.toContain("hush");
    });

    test("in TypeScript", async () => {
        const stack = await ground.files("");
        ground.write("Pulumi.yaml", "name: p\nruntime: nodejs\nmain: index.ts\n");
        ground.write("tsconfig.json", '{ "compilerOptions": { "strict": true, "types": [] } }');
        ground.write("index.ts", "export const answer: number = 42;");
        const options = { envVars: ground.envVars };
        const typed = await LocalStack.createOrSelect({ stackName: "dev", workDir: ground.programFolder }, options);
        expect((await typed.up()).outputs).toEqual({ answer: { value: 42, secret: false } });
        ground.write("index.ts", 'export const answer: number = "text";');
        const failure = await rejection(typed.up(), OperationFailedError);
        expect(failure.message).toContain("TS2322");
        await typed.dispose();
        await stack.dispose();
    });

    test("as ES modules", async () => {
        const stack = await ground.files("");
        ground.write("package.json", '{ "type": "module" }');
        ground.write("index.js", "export const answer = await Promise.resolve(42);");
        expect((await stack.up()).outputs).toEqual({ answer: { value: 42, secret: false } });
    });

    test("with providers that are closures of the program", async () => {
        const stack = await ground.files(`
            const provider = { create: async ({ x }) => ({ id: "made", outs: { x, twice: 2 * x } }) };
            class Twice extends pulumi.dynamic.Resource {
                constructor(name, x) { super(provider, name, { x, twice: undefined }); }
            }
            module.exports = { twice: new Twice("twice", 21).twice };`);
        expect((await stack.up()).outputs).toEqual({ twice: { value: 42, secret: false } });
        await stack.destroy();
    });

    test("from a folder of their own within the project, as its options say", async () => {
        const root = ground.programFolder;
        await ground.files("");
        mkdirSync(join(root, "infra"));
        ground.write(
            "Pulumi.yaml",
            `name: p\nmain: infra\nstackConfigDir: stacks\nruntime:\n  name: nodejs\n  options:\n` +
                `    tsconfig: tsconfig.infra.json\n    nodeargs: --title "my program" --no-warnings\n`,
        );
        mkdirSync(join(root, "stacks"));
        ground.write("stacks/Pulumi.dev.yaml", "config:\n  p:from: stacks\n");
        // `x` has no type, which only the tsconfig that is asked for lets pass.
        ground.write("infra/tsconfig.json", '{ "compilerOptions": { "strict": true, "types": ["node"] } }');
        ground.write("infra/tsconfig.infra.json", '{ "compilerOptions": { "strict": false, "types": ["node"] } }');
        ground.write("infra/package.json", '{ "main": "src.ts" }');
        ground.write(
            "infra/src.ts",
            `import * as pulumi from "@pulumi/pulumi";
            const same = (x) => x;
            export const here = same(process.cwd()), root = pulumi.getRootDirectory();
            export const title = process.title, from = new pulumi.Config().require("from");`,
        );
        const options = { envVars: ground.envVars };
        const stack = await LocalStack.createOrSelect({ stackName: "dev", workDir: root }, options);
        const { outputs } = await stack.up();
        expect(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))).toEqual({
            here: join(root, "infra"),
            root,
            title: "my program",
            from: "stacks",
        });
        await stack.dispose();
    });
});

describe("a project", () => {
    const open = (): Promise<LocalStack> =>
        LocalStack.createOrSelect({ stackName: "dev", workDir: ground.programFolder });

    test.each([
        ["without a Pulumi.yaml", undefined, "there is no"],
        ["whose Pulumi.yaml is no YAML", "a: [", "is not valid YAML"],
        ["without a name", "runtime: nodejs\n", "is not valid"],
        ["whose main is not there", "name: p\nruntime: nodejs\nmain: gone.js\n", "gone.js) cannot be read"],
    ])("%s is refused", async (_, yaml, message) => {
        if (yaml !== undefined) ground.write("Pulumi.yaml", yaml);
        expect((await rejection(open(), ProjectError)).message).toContain(message);
    });

    test("brings its plain configuration along", async () => {
        ground.write(
            "Pulumi.yaml",
            "name: p\nruntime: nodejs\nconfig:\n  a: 1\n  b:\n    default: two\n  c:\n    type: string\n",
        );
        ground.write("Pulumi.dev.yaml", "config:\n  p:a: over\n  xai:list: [1]\n");
        const stack = await open();
        expect(await stack.getAllConfig()).toEqual({
            "p:a": { value: "over", secret: false },
            "p:b": { value: "two", secret: false },
            "xai:list": { value: "[1]", secret: false },
        });
        await stack.dispose();
    });

    test("that declares configuration needs it before its program runs", async () => {
        const stack = await ground.files('module.exports = { it: new pulumi.Config().require("it") };');
        ground.write("Pulumi.yaml", "name: p\nruntime: nodejs\nmain: index.js\nconfig:\n  it:\n    type: integer\n");
        await stack.dispose();
        const declaring = await open();
        expect((await rejection(declaring.preview(), ProjectError)).message).toContain(
            'missing the configuration value "it"',
        );
        await declaring.setConfig("it", { value: "seven" });
        expect((await rejection(declaring.up(), ProjectError)).message).toContain("must be of type integer");
        await declaring.setConfig("it", { value: "7" });
        expect((await declaring.up()).outputs).toEqual({ it: { value: "7", secret: false } });
        await declaring.dispose();
    });

    test("needs a stack with a name", async () => {
        const stack = LocalStack.createOrSelect({ stackName: "a/b", projectName: "p", program: async () => {} });
        await expect(stack).rejects.toThrow(ProjectError);
    });
});

test("a state that is kept holds no secret in the clear", async () => {
    const stateFile = join(ground.folder, "state.json");
    const program = `
        const a = new Thing("a", { one: pulumi.secret("hush one"), deep: { list: [pulumi.secret("hush two")] } });
        module.exports = { out: pulumi.secret({ of: ["hush three"] }), one: a.one, token: a.token };`;
    const stack = await ground.files(program, { stateFile, passphrase: "phrase" });
    await stack.setConfig("thing:password", { value: "hush four", secret: true });
    const { outputs } = await stack.up();
    expect(outputs["out"]).toEqual({ value: { of: ["hush three"] }, secret: true });
    const text = readFileSync(stateFile, "utf8");
    expect(text).not.toContain("hush");
    expect(text).not.toContain("token-of");
    expect(text).toContain(JSON.stringify(PROVIDER_TEXT));
    await stack.refresh();
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
    expect(readFileSync(stateFile, "utf8")).not.toContain("hush");
});
