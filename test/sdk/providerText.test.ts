import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { requireResolvableProvider } from "../../sdk/providerText.js";

const REPOSITORY = resolve(__dirname, "../..");
const folders: string[] = [];

afterEach(() => {
    for (const folder of folders.splice(0)) {
        rmSync(folder, { recursive: true, force: true });
    }
});

function folder(): string {
    const made = realpathSync(mkdtempSync(join(tmpdir(), "xai-program-")));
    folders.push(made);
    return made;
}

/** A program as Pulumi's runner starts it: the main module stands in a folder `cmd/run`. */
async function checkAsRunner(program: string): Promise<string> {
    const runner = join(folder(), "cmd", "run");
    mkdirSync(runner, { recursive: true });
    const check = join(REPOSITORY, "dist/sdk/providerText.js");
    const script = `
        try {
            require(${JSON.stringify(check)}).requireResolvableProvider(process.argv[2]);
            console.log("passed");
        } catch (error) {
            console.log(error.message + (error.stack === error.message ? "" : " with a stack"));
        }`;
    writeFileSync(join(runner, "index.js"), script);
    const { stdout } = await promisify(execFile)(process.execPath, [join(runner, "index.js"), program]);
    return stdout.trim();
}

function install(program: string): void {
    mkdirSync(join(program, "node_modules"), { recursive: true });
    symlinkSync(REPOSITORY, join(program, "node_modules", "pulumi-xai"), "dir");
}

describe("a program's folder", () => {
    test("with the package as its own dependency passes, and so does a folder below it", async () => {
        const program = folder();
        writeFileSync(join(program, "package.json"), "{}");
        install(program);
        const below = join(program, "stacks", "one");
        mkdirSync(below, { recursive: true });
        expect(await checkAsRunner(program)).toBe("passed");
        expect(await checkAsRunner(below)).toBe("passed");
    });

    test("without it is refused in one line that names the package.json that lacks it", async () => {
        const program = folder();
        writeFileSync(join(program, "package.json"), "{}");
        const below = join(program, "stacks");
        mkdirSync(below);
        for (const where of [program, below]) {
            const message = await checkAsRunner(where);
            expect(message).toContain(`it has to be a dependency in ${join(program, "package.json")}`);
            expect(message).toContain("npm install pulumi-xai");
            expect(message).not.toContain("\n");
            expect(message).not.toContain("with a stack");
        }
    });

    test("without any package.json is told to make one", async () => {
        const program = folder();
        expect(await checkAsRunner(program)).toContain(`${program}, which has no package.json: make one there`);
    });
});

test("an inline program of the Automation API is let through", () => {
    expect(() => requireResolvableProvider(folder())).not.toThrow();
});
