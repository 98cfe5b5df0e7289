import { z } from "zod";
import type { ApiKey } from "../api/apiKeys.js";
import { FIELDS, type Field, HELD_ANSWERS, HELD_FIELDS, type HeldValues } from "../fields.js";
import type { Properties } from "./context.js";
import { APPLIED } from "./inputs.js";

/**
 * A key in the stack's state: what the API holds, the secret, what is unfinished, and the inputs that were carried out.
 */

/** What can be unfinished on a key that exists: the wait until every cluster knows it, or a new secret. */
export const PENDING = ["propagation", "secret"] as const;
/** One of {@link PENDING}. */
export type Pending = (typeof PENDING)[number];

/** What the API holds of a key. What is not set is null or absent. */
export type Held = { readonly [F in Field]?: HeldValues[F] | undefined } & Pick<HeldValues, "name" | "disabled"> & {
        readonly acls: readonly string[];
    };

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = optional(z.string());

/** A field that somebody has edited into another shape counts as not set: the key's secret must not be lost. */
const HELD_OUTPUTS = Object.fromEntries(FIELDS.map((field) => [field, orNotSet(HELD_ANSWERS[field])])) as {
    readonly [F in Field]: z.ZodType<HeldValues[F]>;
};

function orNotSet(schema: z.ZodType): z.ZodType {
    return schema.catch(schema.parse(undefined));
}

const stateSchema = z.object({
    apiKeyId: z.string().min(1),
    teamId: z.string().min(1),
    ...HELD_OUTPUTS,
    /** The secret. Absent for a key that was only read. */
    apiKey: optional(z.string().min(1)),
    redactedApiKey: text,
    userId: text,
    createTime: text,
    /** When the stack last gave the key a new secret, by the server's clock. */
    rotatedAt: text,
    /** When the secret before that one stops working. */
    previousSecretExpiresAt: text,
    /** What a delete does: it sees the outputs alone. */
    onDelete: optional(z.enum(["delete", "disable"])),
    /** What the next `pulumi up` goes on with. */
    pending: optional(z.array(z.enum(PENDING))),
    [APPLIED]: optional(z.record(z.string(), z.unknown())),
});

/** A key's outputs. Nothing that changes by itself is here. */
export type KeyState = Held &
    Readonly<Partial<Omit<z.infer<typeof stateSchema>, Field | typeof APPLIED>>> & {
        readonly apiKeyId: string;
        readonly teamId: string;
        /**
         * For each argument the checked value that was last carried out, and the record of rotations. Stored as the secret
         * output `__inputs`. `undefined` for a key that was only read.
         */
        readonly applied?: Properties | undefined;
    };

/** Outputs as the engine hands them back; `undefined` where they are no key's, but the arguments of a read. */
export function parseState(outputs: Properties): KeyState | undefined {
    // A native host keeps null for each output that is not set.
    const parsed = stateSchema.safeParse(withoutNull(outputs));
    if (!parsed.success) {
        return undefined;
    }
    const { [APPLIED]: applied, ...state } = parsed.data;
    return { ...state, acls: state.acls ?? [], applied };
}

/** The state as outputs: plain JSON without undefined, which no engine can store. */
export function stateOutputs({ applied, ...state }: KeyState): Record<string, unknown> {
    return withoutNull({ ...state, [APPLIED]: applied });
}

/** The properties that are set. */
export function withoutNull(properties: Properties): Record<string, unknown> {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * Reads a key's fields from an answer. Missing permissions stay as they were. An answer without a name is partial: all that it
 * lacks stays.
 *
 * @param before - As the key was before, or was asked for.
 */
export function heldValues(key: ApiKey, before?: Held): Held {
    const { apiKeyId, teamId, userId, redactedApiKey, createTime, modifyTime, ...held } = key;
    if (key.name === "" && before !== undefined) {
        const shown = FIELDS.filter((field) => field !== "name" && (key[field] ?? false) !== false);
        return { ...before, ...Object.fromEntries(shown.map((field) => [field, key[field]])) };
    }
    return { ...held, acls: key.acls ?? before?.acls ?? [] };
}

/** What an answer says of a key beside its fields. What it lacks stays as it was. */
export function identity(key: ApiKey, before?: KeyState): Pick<KeyState, "redactedApiKey" | "userId" | "createTime"> {
    return {
        redactedApiKey: key.redactedApiKey ?? before?.redactedApiKey,
        userId: key.userId ?? before?.userId,
        createTime: key.createTime ?? before?.createTime,
    };
}

/** What a delete does, as outputs hold it; absent for the default. */
export function onDeleteOf(inputs: Properties): KeyState["onDelete"] {
    return inputs["onDelete"] === "disable" ? "disable" : undefined;
}

/** The state with one more thing pending. */
export function withPending(state: KeyState, pending: Pending): KeyState {
    return { ...state, pending: PENDING.filter((one) => one === pending || state.pending?.includes(one)) };
}

/** The state with one thing no longer pending. */
export function withoutPending(state: KeyState, done: Pending): KeyState {
    const pending = (state.pending ?? []).filter((one) => one !== done);
    return { ...state, pending: pending.length === 0 ? undefined : pending };
}

/** The key object that an update sends on the Guide's route: as the API holds it, without the secret and `disabled`. */
export function storedObject(state: KeyState): Properties {
    const fields = FIELDS.filter((field) => field !== "disabled").map((field) => {
        const { updateName, encode } = HELD_FIELDS[field];
        return [updateName, encode(state[field] ?? null) ?? null] as const;
    });
    const { apiKeyId, teamId, userId, redactedApiKey, createTime } = state;
    return { ...withoutNull({ apiKeyId, teamId, userId, redactedApiKey, createTime }), ...Object.fromEntries(fields) };
}
