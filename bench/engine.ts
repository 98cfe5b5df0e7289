import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { LocalStack } from "pulumi-xai/testing";
import ts from "typescript";
import { PASSPHRASE, pulumiEnvironment, pulumiVersion } from "../test/engines/pulumiCommand.js";

/** A program of `bench/programs`. */
export type ProgramName = "ours" | "floor" | "laden" | "tutorial";

/** What is done with a stack, in Pulumi's words. */
export type EngineOperation = "preview" | "up" | "refresh" | "destroy";

/** A stack of a program in a folder of its own, on whichever engine there is. */
export interface BenchStack {
    /** @throws what the engine printed, where it fails */
    run(operation: EngineOperation): Promise<void>;
    /** Changes environment variables of the operations to come. */
    setEnvironment(changes: Readonly<Record<string, string>>): void;
    /** How large the file is that the engine keeps the state in, in bytes. */
    stateBytes(): number;
    /** Forgets it, files and all. */
    close(): Promise<void>;
}

/** What runs the programs. */
export interface BenchEngine {
    /** For people: `Pulumi CLI v3.260.0`. */
    readonly name: string;
    open(program: ProgramName, environment: Readonly<Record<string, string>>): Promise<BenchStack>;
}

const ROOT = resolve(__dirname, "..");
const STACK = "bench";

/** The Pulumi CLI where it is on PATH, else the local engine. */
export function benchEngine(): BenchEngine {
    const version = pulumiVersion();
    return version === undefined
        ? { name: "the local engine (there is no `pulumi` on PATH)", open: openLocal }
        : { name: `Pulumi CLI ${version}`, open: openCli };
}

async function openLocal(program: ProgramName, environment: Readonly<Record<string, string>>): Promise<BenchStack> {
    const folder = programFolder(program);
    const stateFile = join(folder, "state.json");
    const envVars = { ...environment };
    const stack = await LocalStack.createOrSelect(
        { stackName: STACK, workDir: folder },
        { envVars, stateFile, passphrase: PASSPHRASE },
    );
    return {
        run: async (operation) => void (await stack[operation]()),
        setEnvironment: (changes) => void Object.assign(envVars, changes),
        stateBytes: () => readFileSync(stateFile).length,
        async close() {
            await stack.dispose();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

async function openCli(program: ProgramName, environment: Readonly<Record<string, string>>): Promise<BenchStack> {
    const folder = programFolder(program);
    const stack = await LocalWorkspace.createStack(
        { stackName: STACK, workDir: folder },
        { envVars: { ...pulumiEnvironment(), PULUMI_BACKEND_URL: `file://${folder}`, ...environment } },
    );
    return {
        run: async (operation) => void (await stack[operation]()),
        setEnvironment: (changes) => void Object.assign(stack.workspace.envVars, changes),
        stateBytes: () => readFileSync(join(folder, ".pulumi/stacks", `bench-${program}`, `${STACK}.json`)).length,
        close: async () => rmSync(folder, { recursive: true, force: true }),
    };
}

/** A project with the program as JavaScript: what a compiler takes is nobody's who is measured here. */
function programFolder(program: ProgramName): string {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-xai-bench-"));
    const programs = join(folder, "programs");
    mkdirSync(programs);
    for (const name of [program, "size"]) {
        const source = readFileSync(join(__dirname, "programs", `${name}.ts`), "utf8");
        const compilerOptions = {
            module: ts.ModuleKind.CommonJS,
            target: ts.ScriptTarget.ES2022,
            esModuleInterop: true,
        };
        writeFileSync(join(programs, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText);
    }
    const project = { name: `bench-${program}`, runtime: "nodejs", main: `programs/${program}.js` };
    // JSON is YAML, too.
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(project));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: project.name, private: true }));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
    return folder;
}
