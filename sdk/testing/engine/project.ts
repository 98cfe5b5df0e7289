import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ProjectError, UnsupportedFeatureError } from "./errors.js";
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
    config: z.record(z.string(), z.unknown()).nullish(),
});
const stackSchema = z.object({ config: z.record(z.string(), z.unknown()).nullish() });
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
    const { name, runtime, main } = project;
    if (runtime.name !== "nodejs") throw new UnsupportedFeatureError(`the runtime "${runtime.name}" (${path})`);
    return {
        name,
        root,
        ...findMain(root, main),
        typescript: runtime.options.typescript,
        tsconfig: runtime.options.tsconfig,
        nodeArgs: runtime.options.nodeargs.split(/\s+/).filter((part) => part !== ""),
        config: new Map([...projectConfig(project.config ?? {}, name), ...stackConfig(root, stackName, name)]),
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

/** A key with its namespace, which is the project's name where none is given. */
export function fullKey(key: string, project: string): string {
    return key.includes(":") ? key : `${project}:${key}`;
}

function text(key: string, value: unknown): string {
    try {
        return typeof value === "object" ? JSON.stringify(value) : String(value);
    } catch (cause) {
        // YAML can name a value within itself.
        throw new ProjectError(`the configuration value "${key}" cannot be written as JSON`, { cause });
    }
}

function projectConfig(config: Record<string, unknown>, project: string): [string, string][] {
    const described = z.object({ value: z.unknown(), default: z.unknown() }).partial();
    return Object.entries(config).flatMap(([key, value]): [string, string][] => {
        const parsed = described.safeParse(value);
        const plain = parsed.success ? (parsed.data.value ?? parsed.data.default) : value;
        return plain === undefined || plain === null ? [] : [[fullKey(key, project), text(key, plain)]];
    });
}

function stackConfig(root: string, stackName: string, project: string): [string, string][] {
    const path = join(root, `Pulumi.${stackName}.yaml`);
    const encrypted = z.object({ secure: z.string() });
    return Object.entries(readYaml(path, stackSchema)?.config ?? {}).map(([key, value]) => {
        if (encrypted.safeParse(value).success) {
            throw new UnsupportedFeatureError(
                `the encrypted "${key}" of ${path}; choose another stack name and give it by setConfig`,
            );
        }
        return [fullKey(key, project), text(key, value)];
    });
}
