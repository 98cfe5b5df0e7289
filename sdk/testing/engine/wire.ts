import { MalformedValueError, UnsupportedFeatureError } from "./errors.js";
import { isList, isMap, mapValues, Reference, Secret, UNKNOWN, type Value, type ValueMap } from "./values.js";

/** The key that says that an object of the protocol is a marked value, and the marks that it may hold. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
export const REFERENCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSET_SIGNATURES = ["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"];

/** What an unknown string travels as; the engine sends every unknown as this one. */
export const UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_SENTINELS = new Set([
    UNKNOWN_SENTINEL,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** JSON as it travels. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How values are written for a receiver. */
export interface WireOptions {
    /** Whether the receiver understands secrets; else they go in the clear. */
    readonly secrets: boolean;
    /** Whether the receiver understands references; else they go as the id, or the URN where there is none. */
    readonly references: boolean;
    /** Whether unknown values are sent; else they are left out. */
    readonly unknowns: boolean;
}

/** Properties as they travel to a program or a provider. */
export function toWire(map: ValueMap, options: WireOptions): { [key: string]: Json } {
    const entries: [string, Json][] = [];
    for (const [key, value] of Object.entries(map)) {
        const written = writeValue(value, options);
        if (written !== undefined) entries.push([key, written]);
    }
    return Object.fromEntries(entries);
}

function writeValue(value: Value, options: WireOptions): Json | undefined {
    if (value === UNKNOWN) return options.unknowns ? UNKNOWN_SENTINEL : undefined;
    if (value instanceof Secret) {
        const element = writeValue(value.element, options);
        if (!options.secrets || element === undefined) return element;
        return { [SIGNATURE]: SECRET_SIGNATURE, value: element };
    }
    if (value instanceof Reference) return writeReference(value, options);
    if (isList(value)) {
        return value.map((item) => writeValue(item, options)).filter((item): item is Json => item !== undefined);
    }
    if (isMap(value)) return toWire(value, options);
    return value;
}

function writeReference(value: Reference, options: WireOptions): Json | undefined {
    if (!options.references) return value.id === undefined ? value.urn : writeValue(value.id, options);
    const id = value.id === undefined ? {} : { id: value.id === UNKNOWN ? "" : value.id };
    const version = value.packageVersion === "" ? {} : { packageVersion: value.packageVersion };
    return { [SIGNATURE]: REFERENCE_SIGNATURE, urn: value.urn, ...id, ...version };
}

/** How values that arrive are taken. */
export interface ReadOptions {
    /** What is being read, for errors. */
    readonly label: string;
    /** Whether unknown values may be among them. */
    readonly unknowns: boolean;
}

/**
 * Properties that arrived from a program or a provider.
 *
 * @throws {UnsupportedFeatureError} where an asset or an archive is among them
 * @throws {MalformedValueError} where a value is malformed, or unknown where none may be
 */
export function fromWire(properties: object, options: ReadOptions): ValueMap {
    return readMap(properties, options, 0);
}

/** Deeper than any program means, and as deep as nothing that handles values runs out of stack. */
const DEEPEST = 500;

function readMap(properties: object, options: ReadOptions, depth: number): ValueMap {
    const entries = Object.entries(properties).map(([key, value]): [string, Value] => [
        key,
        readValue(value, key, options, depth),
    ]);
    return Object.fromEntries(entries);
}

function readValue(value: unknown, key: string, options: ReadOptions, depth: number): Value {
    if (depth > DEEPEST) throw new MalformedValueError(`${options.label}: a value is nested more than ${DEEPEST} deep`);
    if (value === null || value === undefined) return null;
    if (typeof value === "boolean" || typeof value === "number") return value;
    if (typeof value === "string") return UNKNOWN_SENTINELS.has(value) ? readUnknown(key, options) : value;
    if (Array.isArray(value)) return value.map((item) => readValue(item, key, options, depth + 1));
    if (typeof value !== "object") throw new MalformedValueError(`${options.label}: "${key}" is a ${typeof value}`);
    const fields = new Map<string, unknown>(Object.entries(value));
    const signature = fields.get(SIGNATURE);
    return signature === undefined
        ? readMap(value, options, depth + 1)
        : readMarked(signature, fields, key, options, depth + 1);
}

function readUnknown(key: string, options: ReadOptions): Value {
    if (!options.unknowns) throw new MalformedValueError(`unexpected unknown property value for "${key}"`);
    return UNKNOWN;
}

function readMarked(
    signature: unknown,
    fields: Map<string, unknown>,
    key: string,
    options: ReadOptions,
    depth: number,
): Value {
    if (signature === SECRET_SIGNATURE) return new Secret(readValue(fields.get("value"), key, options, depth));
    if (signature === REFERENCE_SIGNATURE) return readReference(fields, key, options);
    if (signature === OUTPUT_SIGNATURE) {
        const known = fields.has("value");
        const value = known ? readValue(fields.get("value"), key, options, depth) : readUnknown(key, options);
        return fields.get("secret") === true ? new Secret(value) : value;
    }
    if (typeof signature === "string" && ASSET_SIGNATURES.includes(signature)) {
        throw new UnsupportedFeatureError(`assets and archives (property "${key}")`);
    }
    throw new MalformedValueError(
        `${options.label}: "${key}" holds a value of an unknown kind (${typeof signature === "string" ? signature : typeof signature})`,
    );
}

function readReference(fields: Map<string, unknown>, key: string, options: ReadOptions): Reference {
    const urn = fields.get("urn");
    const id = fields.get("id");
    const version = fields.get("packageVersion");
    if (typeof urn !== "string")
        throw new MalformedValueError(`${options.label}: "${key}" refers to a resource without a URN`);
    const isUnknown = id === "" || (typeof id === "string" && UNKNOWN_SENTINELS.has(id));
    return new Reference(
        urn,
        isUnknown ? UNKNOWN : typeof id === "string" ? id : undefined,
        typeof version === "string" ? version : "",
    );
}

/**
 * Properties as events may show them: secrets hidden, unknowns as their sentinel.
 *
 * @param scrub hides what must not be shown from a text
 */
export function toDisplay(map: ValueMap, scrub: (text: string) => string): { [key: string]: Json } {
    const hide = (value: Value): Value => {
        if (typeof value === "string") return scrub(value);
        if (value instanceof Secret) return { [SIGNATURE]: SECRET_SIGNATURE, ciphertext: "[secret]" };
        if (isList(value)) return value.map(hide);
        if (isMap(value)) return mapValues(value, hide);
        return value;
    };
    return toWire(mapValues(map, hide), { secrets: true, references: true, unknowns: true });
}
