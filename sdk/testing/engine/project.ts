import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ProjectError, UnsupportedFeatureError } from "./errors.js";
import { type DeclaredKey, readDeclared, readStackConfig } from "./projectConfig.js";
import { requirePulumi } from "./sdk.js";

/** A program in a folder, as its `Pulumi.yaml` describes it. */
export interface Project {
    readonly name: string;
    /** The folder of `Pulumi.yaml`. */
    readonly root: string;
    /** The folder in which the program runs. */
    readonly folder: string;
    /** The file that is run, relative to the folder; `.` leaves it to `package.json`. */
    readonly main: string;
    readonly typescript: boolean;
    readonly tsconfig: string | undefined;
    readonly nodeArgs: readonly string[];
    /** The configuration keys that `Pulumi.yaml` declares, by full key. */
    readonly declared: ReadonlyMap<string, DeclaredKey>;
    /** Plain configuration from `Pulumi.yaml` and `Pulumi.<stack>.yaml`, by full key. */
    readonly config: ReadonlyMap<string, string>;
}

const runtimeOptions = z.looseObject({
    typescript: z.boolean().default(true),
    tsconfig: z.string().optional(),
    nodeargs: z.string().default(""),
});
const projectSchema = z.object({
    name: z.string().min(1),
    runtime: z.union([
        z.string().transform((name) => ({ name, options: runtimeOptions.parse({}) })),
        z.object({ name: z.string(), options: runtimeOptions.prefault({}) }),
    ]),
    main: z.string().optional(),
    stackConfigDir: z.string().default("."),
    options: z.object({ refresh: z.unknown() }).partial().nullish(),
    config: z.record(z.string(), z.unknown()).nullish(),
});
const stackSchema = z.object({
    config: z.record(z.string(), z.unknown()).nullish(),
    environment: z.unknown().optional(),
});
const yamlModule = z.object({ load: z.custom<(text: string) => unknown>((value) => typeof value === "function") });

function readYaml<T>(path: string, schema: z.ZodType<T>): T | undefined {
    let text: string;
    try {
        text = readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
    try {
        const parsed = schema.safeParse(yamlModule.parse(requirePulumi("js-yaml")).load(text));
        if (parsed.success) return parsed.data;
        throw new ProjectError(`${path} is not valid:\n${z.prettifyError(parsed.error)}`);
    } catch (cause) {
        if (cause instanceof ProjectError) throw cause;
        throw new ProjectError(`${path} is not valid YAML: ${String(cause)}`, { cause });
    }
}

/**
 * Reads the project in a folder.
 *
 * @throws {ProjectError} where there is none, or its `main` is not there
 * @throws {UnsupportedFeatureError} where it is not a Node program, or its configuration needs the CLI to decrypt it
 */
export function readProject(workDir: string, stackName: string): Project {
    const root = resolve(workDir);
    const path = join(root, "Pulumi.yaml");
    const project = readYaml(path, projectSchema);
    if (project === undefined) throw new ProjectError(`there is no ${path}`);
    const { name, runtime, main, options, stackConfigDir } = project;
    if (runtime.name !== "nodejs") throw new UnsupportedFeatureError(`the runtime "${runtime.name}" (${path})`);
    if (options?.refresh !== undefined) throw new UnsupportedFeatureError(`\`options.refresh\` (${path})`);
    const stackPath = join(root, stackConfigDir, `Pulumi.${stackName}.yaml`);
    const stack = readYaml(stackPath, stackSchema) ?? {};
    if (stack.environment !== undefined) throw new UnsupportedFeatureError(`environments of Pulumi ESC (${stackPath})`);
    const declared = readDeclared(project.config ?? {}, name, path);
    const defaults = [...declared].flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value] as const]));
    return {
        name,
        root,
        ...findMain(root, main),
        typescript: runtime.options.typescript,
        tsconfig: runtime.options.tsconfig,
        nodeArgs: words(runtime.options.nodeargs),
        declared,
        config: new Map([...defaults, ...readStackConfig(stack.config ?? {}, name, stackPath)]),
    };
}

function findMain(root: string, main: string | undefined): { folder: string; main: string } {
    if (main === undefined) return { folder: root, main: "." };
    const path = resolve(root, main);
    try {
        return statSync(path).isDirectory()
            ? { folder: path, main: "." }
            : { folder: dirname(path), main: path.slice(dirname(path).length + 1) };
    } catch (cause) {
        throw new ProjectError(`the project's "main" (${path}) cannot be read`, { cause });
    }
}

/** The words of a command line: quotes keep spaces within one, as in a shell. */
function words(line: string): string[] {
    const matches = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
    return matches.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
