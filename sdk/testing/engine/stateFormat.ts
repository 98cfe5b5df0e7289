import { createHash } from "node:crypto";
import { z } from "zod";
import type { Crypter } from "./crypto.js";
import { LocalEngineError, StateFileError } from "./errors.js";
import { type ResourceState, resourceState } from "./resource.js";
import { isList, isMap, mapValues, Secret, type Value, type ValueMap } from "./values.js";
import { fromWire, type Json, SECRET_SIGNATURE, SIGNATURE, toWire } from "./wire.js";

/** A thing begun of which the end is not known. */
export interface PendingOperation {
    readonly type: "creating" | "updating" | "deleting" | "reading";
    readonly resource: ResourceState;
}

/** All that a state file holds of a stack. */
export interface StackState {
    readonly resources: readonly ResourceState[];
    readonly pending: readonly PendingOperation[];
}

const urns = z.array(z.string());
const resourceSchema = z.object({
    urn: z.string().min(1),
    custom: z.boolean(),
    type: z.string().min(1),
    id: z.string().optional(),
    inputs: z.record(z.string(), z.unknown()).optional(),
    outputs: z.record(z.string(), z.unknown()).optional(),
    parent: z.string().optional(),
    provider: z.string().optional(),
    protect: z.boolean().optional(),
    external: z.boolean().optional(),
    delete: z.boolean().optional(),
    pendingReplacement: z.boolean().optional(),
    retainOnDelete: z.boolean().optional(),
    deletedWith: z.string().optional(),
    dependencies: urns.optional(),
    propertyDependencies: z.record(z.string(), urns).optional(),
    initErrors: z.array(z.string()).optional(),
    additionalSecretOutputs: z.array(z.string()).optional(),
    ignoreChanges: z.array(z.string()).optional(),
    replaceOnChanges: z.array(z.string()).optional(),
    customTimeouts: z
        .object({
            create: z.number().exactOptional(),
            update: z.number().exactOptional(),
            delete: z.number().exactOptional(),
            read: z.number().exactOptional(),
        })
        .optional(),
    created: z.string().optional(),
    modified: z.string().optional(),
});

const fileSchema = z.object({
    localEngine: z.object({ note: z.string(), project: z.string(), stack: z.string() }),
    version: z.literal(3),
    deployment: z.object({
        secrets_providers: z.object({ type: z.literal("passphrase"), state: z.object({ salt: z.string() }) }),
        resources: z.array(resourceSchema).optional(),
        pending_operations: z
            .array(
                z.object({ resource: resourceSchema, type: z.enum(["creating", "updating", "deleting", "reading"]) }),
            )
            .optional(),
    }),
});

/** A state file that has the right form; its secrets are still encrypted. */
export type StateFile = z.infer<typeof fileSchema>;

/**
 * Takes the text of a state file.
 *
 * @throws {StateFileError} where it is torn, or was not written by this engine
 */
export function parseStateFile(text: string, path: string): StateFile {
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch (cause) {
        throw new StateFileError(`the state file ${path} is not JSON`, { cause });
    }
    const marked = z.object({ localEngine: z.unknown() }).safeParse(json);
    if (!marked.success || marked.data.localEngine === undefined) {
        throw new StateFileError(
            `the file ${path} was not written by the local engine, which leaves it alone; a stack of the Pulumi CLI ` +
                "is for the Pulumi CLI",
        );
    }
    const parsed = fileSchema.safeParse(json);
    if (!parsed.success)
        throw new StateFileError(`the state file ${path} is damaged:\n${z.prettifyError(parsed.error)}`);
    return parsed.data;
}

/**
 * The resources and pending operations of a state file, secrets decrypted.
 *
 * @throws {StateFileError} where a value is damaged, or a secret not this crypter's
 */
export function readState(file: StateFile, crypter: Crypter): StackState {
    const read = (stored: z.infer<typeof resourceSchema>): ResourceState => {
        const { urn, type, custom, inputs, outputs = {}, ...rest } = stored;
        const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
        return resourceState({
            ...known,
            urn,
            type,
            custom,
            inputs: readProperties(inputs ?? {}, crypter),
            // None are not written.
            outputs: Object.keys(outputs).length === 0 ? undefined : readProperties(outputs, crypter),
        });
    };
    const { resources = [], pending_operations: pending = [] } = file.deployment;
    return {
        resources: resources.map(read),
        pending: pending.map(({ type, resource }) => ({ type, resource: read(resource) })),
    };
}

function readProperties(stored: object, crypter: Crypter): ValueMap {
    const open = (json: unknown): unknown => {
        if (Array.isArray(json)) return json.map(open);
        if (typeof json !== "object" || json === null) return json;
        const fields = new Map<string, unknown>(Object.entries(json));
        const text = fields.get("ciphertext");
        if (fields.get(SIGNATURE) === SECRET_SIGNATURE && typeof text === "string") {
            const value: unknown = JSON.parse(crypter.decrypt(text));
            return { [SIGNATURE]: SECRET_SIGNATURE, value };
        }
        return Object.fromEntries([...fields].map(([key, value]) => [key, open(value)]));
    };
    try {
        const opened = Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, open(value)]));
        return fromWire(opened, { label: "the state file", unknowns: true });
    } catch (cause) {
        if (cause instanceof StateFileError) throw cause;
        // What does not parse may be a secret: its text is not for the message, nor is the parser's.
        const what = cause instanceof LocalEngineError ? cause.message : "a secret in the state file is damaged";
        throw new StateFileError(what);
    }
}

/** Secrets keep their ciphertext from one writing to the next: it is cheaper, and a file changes only where it must. */
const sealed = new WeakMap<Secret, { crypter: Crypter; text: string }>();

const ALL = { secrets: true, references: true, unknowns: true };

/** How the secrets of a deployment are written. */
export type SecretWriter = (secret: Secret) => { ciphertext: string } | { plaintext: string };

/** Writes secrets encrypted, for files. */
export function sealedBy(crypter: Crypter): SecretWriter {
    return (secret) => ({ ciphertext: cipherOf(secret, crypter) });
}

/** Writes secrets in the clear, for whoever asked for them: as Pulumi's Automation API exports a stack. */
export function inTheClear(secret: Secret): { plaintext: string } {
    return { plaintext: plainText(secret) };
}

function writeProperties(map: ValueMap, write: SecretWriter): { [key: string]: Json } {
    const seal = (value: Value): Value => {
        if (value instanceof Secret) return { [SIGNATURE]: SECRET_SIGNATURE, ...write(value) };
        if (isList(value)) return value.map(seal);
        if (isMap(value)) return mapValues(value, seal);
        return value;
    };
    return toWire(mapValues(map, seal), ALL);
}

function cipherOf(secret: Secret, crypter: Crypter): string {
    const known = sealed.get(secret);
    if (known?.crypter === crypter) return known.text;
    const text = crypter.encrypt(plainText(secret));
    sealed.set(secret, { crypter, text });
    return text;
}

/** The JSON of a secret. Marks within it add nothing, and Pulumi keeps none there either. */
function plainText(secret: Secret): string {
    return JSON.stringify(toWire({ value: secret.element }, { ...ALL, secrets: false })["value"] ?? null);
}

function writeResource(state: ResourceState, write: SecretWriter): { [key: string]: unknown } {
    const { inputs, outputs, ...rest } = state;
    const isSet = (value: unknown): boolean =>
        value !== "" && value !== false && !(typeof value === "object" && Object.keys(value ?? {}).length === 0);
    const fields = Object.entries(rest).filter(([key, value]) => key === "custom" || isSet(value));
    return {
        ...Object.fromEntries(fields),
        ...(Object.keys(inputs).length === 0 ? {} : { inputs: writeProperties(inputs, write) }),
        ...(outputs === undefined || Object.keys(outputs).length === 0
            ? {}
            : { outputs: writeProperties(outputs, write) }),
    };
}

/** The state of a stack as Pulumi writes deployments. */
export function writeDeployment(
    state: StackState,
    salt: string,
    write: SecretWriter,
    now: Date,
): { [key: string]: unknown } {
    const version = "local-engine";
    const pending = state.pending.map(({ type, resource }) => ({ resource: writeResource(resource, write), type }));
    return {
        manifest: {
            time: now.toISOString(),
            magic: createHash("sha256").update(version).digest("hex"),
            version,
        },
        secrets_providers: { type: "passphrase", state: { salt } },
        resources: state.resources.map((each) => writeResource(each, write)),
        ...(pending.length === 0 ? {} : { pending_operations: pending }),
        metadata: {},
    };
}
