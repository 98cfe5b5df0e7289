import { z } from "zod";
import { ProjectError, UnsupportedFeatureError } from "./errors.js";

/** A key that `Pulumi.yaml` declares; one without a value must get it from the stack. */
export interface DeclaredKey {
    readonly type: string | undefined;
    readonly value: string | undefined;
}

const declaration = z.object({ type: z.string(), value: z.unknown(), default: z.unknown() }).partial();

/** A key with its namespace, which is the project's name where none is given. */
export function fullKey(key: string, project: string): string {
    return key.includes(":") ? key : `${project}:${key}`;
}

/**
 * The keys of the `config` of a `Pulumi.yaml`, by full key.
 *
 * @param path the file, for errors
 * @throws {ProjectError} where a value is one that YAML does not keep as it is written
 */
export function readDeclared(
    config: Readonly<Record<string, unknown>>,
    project: string,
    path: string,
): Map<string, DeclaredKey> {
    const entries = Object.entries(config).map(([key, given]): [string, DeclaredKey] => {
        refuseEndless(given, key, path);
        const parsed = declaration.safeParse(given);
        const { type, ...declared } = parsed.success ? parsed.data : { value: given };
        const plain = declared.value ?? ("default" in declared ? declared.default : undefined) ?? undefined;
        const value = plain === undefined ? undefined : textOf(plain, key, path);
        return [fullKey(key, project), { type, value }];
    });
    return new Map(entries);
}

/**
 * The values of the `config` of a `Pulumi.<stack>.yaml`, by full key.
 *
 * @param path the file, for errors
 * @throws {ProjectError} where a value is one that YAML does not keep as it is written
 * @throws {UnsupportedFeatureError} where a value is encrypted
 */
export function readStackConfig(
    config: Readonly<Record<string, unknown>>,
    project: string,
    path: string,
): Map<string, string> {
    const entries = Object.entries(config).map(([key, value]): [string, string] => {
        refuseEndless(value, key, path);
        if (holds(value, (part) => z.object({ secure: z.string() }).safeParse(part).success)) {
            throw new UnsupportedFeatureError(
                `the encrypted "${key}" of ${path}; choose another stack name and give it by setConfig`,
            );
        }
        return [fullKey(key, project), textOf(value, key, path)];
    });
    return new Map(entries);
}

/**
 * Holds a stack's configuration against what the project declares.
 *
 * @returns what is wrong with it, in Pulumi's words; `undefined` where nothing is
 */
export function wrongConfig(
    declared: ReadonlyMap<string, DeclaredKey>,
    config: Readonly<Record<string, string>>,
    { project, stack }: { readonly project: string; readonly stack: string },
): string | undefined {
    for (const [key, { type }] of declared) {
        const given = config[key];
        const name = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
        if (given === undefined) return `stack "${stack}" is missing the configuration value "${name}"`;
        if (!isOfType(given, type))
            return `the configuration value "${name}" of stack "${stack}" must be of type ${type}`;
    }
    return undefined;
}

function isOfType(text: string, type: string | undefined): boolean {
    if (type === "integer") return /^[-+]?\d+$/.test(text);
    if (type === "boolean") return /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(text);
    if (type === "array") return Array.isArray(jsonOf(text));
    if (type === "object") return z.record(z.string(), z.unknown()).safeParse(jsonOf(text)).success;
    return true;
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function textOf(value: unknown, key: string, path: string): string {
    // Pulumi makes of a date what its YAML library prints, and JavaScript loses digits: neither is what is written there.
    if (holds(value, (part) => part instanceof Date || (Number.isInteger(part) && !Number.isSafeInteger(part)))) {
        throw new ProjectError(`"${key}" of ${path} holds a date or a number that is not kept as written; quote it`);
    }
    if (value === null) return "";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Deeper than any configuration means. */
const DEEPEST = 200;

/** YAML can name a value within itself, which no text can. */
function refuseEndless(value: unknown, key: string, path: string, depth = 0): void {
    if (depth > DEEPEST) throw new ProjectError(`"${key}" of ${path} is nested without end`);
    if (typeof value !== "object" || value === null) return;
    for (const part of Object.values(value)) refuseEndless(part, key, path, depth + 1);
}

function holds(value: unknown, test: (part: unknown) => boolean): boolean {
    if (test(value)) return true;
    return typeof value === "object" && value !== null && Object.values(value).some((part) => holds(part, test));
}
