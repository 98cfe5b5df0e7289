import { z } from "zod";
import type { ApiKey } from "./api/apiKeys.js";
import type { ApiKeyInputs } from "./apiKeyInputs.js";
import { digestOf } from "./digest.js";
import { givenBack, type KeptRotation, keptRotation, keptRotationSchema, sameRotation } from "./keptRotation.js";
import { type Schedule, scheduleSchema } from "./rotationSchedule.js";
import { hasUnknown } from "./unknown.js";

/** What of a key can be changed in place. The API's own names, `acls` for what updates call `aclStrings`. */
export const UPDATABLE_FIELDS = ["name", "acls", "qps", "qpm", "tpm", "expireTime", "disabled"] as const;
/** A field that can be changed in place. */
export type Field = (typeof UPDATABLE_FIELDS)[number];

/** What becomes of a key that the stack gives up. */
export const DELETIONS = ["delete", "disable"] as const;
/** What becomes of a key that the stack gives up: it is deleted, or switched off and left. */
export type Deletion = (typeof DELETIONS)[number];

/** The arguments that are settings of ours alone: the API never hears of them. */
const SETTINGS_OF_OURS = ["waitForPropagation", "propagationTimeout", "onDelete"] as const;

/**
 * What is still to be done for a key that exists: the wait until every cluster knows it; a secret, which the API never gave;
 * or a key in its place, where the server cannot give one a new secret.
 */
export const DEBTS = ["propagation", "secret", "replacement"] as const;
/** One of {@link DEBTS}. */
export type Owed = (typeof DEBTS)[number];

/**
 * An API key in the stack's state: the arguments as the API holds them, what it answers, the secret, and our
 * own records. Unset limits and expiry are absent. Nothing that changes by itself is here.
 */
export interface ApiKeyState {
    readonly apiKeyId: string;
    readonly teamId: string;
    readonly name: string;
    readonly acls: readonly string[];
    readonly qps?: number | undefined;
    readonly qpm?: number | undefined;
    /** An integer string, as the API holds it. */
    readonly tpm?: string | undefined;
    readonly expireTime?: string | undefined;
    readonly disabled: boolean;
    readonly waitForPropagation?: boolean | undefined;
    readonly propagationTimeout?: string | undefined;
    /** What a delete does, which is told the outputs alone. Absent: it deletes. */
    readonly onDelete?: Deletion | undefined;
    /** The argument, for a refresh to give back: of that length, however the program writes it by now. */
    readonly expiresIn?: string | undefined;
    /** The durations of the argument, for a refresh to give back. */
    readonly rotation?: KeptRotation | undefined;
    /** The secret, from the create's answer; carried over ever after. Absent for a key that was only looked up. */
    readonly apiKey?: string | undefined;
    readonly redactedApiKey?: string | undefined;
    readonly userId?: string | undefined;
    readonly createTime?: string | undefined;
    /** When the stack last gave the key a new secret, RFC 3339 by the server's clock. */
    readonly rotatedAt?: string | undefined;
    /** When the secret before that one stops working, or stopped, RFC 3339. */
    readonly previousSecretExpiresAt?: string | undefined;
    /** What the checks found out about rotation and expiry, as far as it was carried out. */
    readonly schedule?: Schedule | undefined;
    /** What the next `up` goes on with. Absent when nothing is owed. */
    readonly owed?: readonly Owed[] | undefined;
    /**
     * For a field whose value the API changed when it took it (an alias into the model's name): a digest of what the
     * program gave. While the program still gives that, and the API still holds what it made of it, nothing differs.
     */
    readonly given?: Readonly<Partial<Record<Field, string>>> | undefined;
}

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const stateSchema = z.object({
    apiKeyId: z.string().min(1),
    teamId: z.string().min(1),
    // A state that was damaged or written by hand is a key's all the same: its secret must not go the way of a look-up.
    name: z.string().catch(""),
    acls: z.array(z.string()).catch([]),
    qps: optional(z.number()),
    qpm: optional(z.number()),
    tpm: optional(z.union([z.string(), z.number().transform(String)])),
    expireTime: optional(z.string()),
    disabled: z.boolean().catch(false),
    waitForPropagation: optional(z.boolean()),
    propagationTimeout: optional(z.string()),
    onDelete: optional(z.enum(DELETIONS)),
    expiresIn: optional(z.string()),
    rotation: optional(keptRotationSchema),
    apiKey: optional(z.string().min(1)),
    redactedApiKey: optional(z.string()),
    userId: optional(z.string()),
    createTime: optional(z.string()),
    rotatedAt: optional(z.string()),
    previousSecretExpiresAt: optional(z.string()),
    schedule: optional(scheduleSchema),
    owed: optional(z.array(z.enum(DEBTS))),
    given: optional(z.partialRecord(z.enum(UPDATABLE_FIELDS), z.string())),
});

/**
 * The outputs of a key as the engine hands them back, or `undefined` where they are not those of a key: then they are
 * the inputs of a look-up (`XaiApiKey.get`).
 */
export function parseState(outputs: Readonly<Record<string, unknown>>): ApiKeyState | undefined {
    const parsed = stateSchema.safeParse(outputs);
    return parsed.success ? parsed.data : undefined;
}

/** The state as plain outputs: what is undefined is left out, for the engine's wire cannot carry it. */
export function stateOutputs(state: ApiKeyState): Record<string, unknown> {
    return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

/** What the state keeps of the inputs that are ours alone. */
type KeptSetting = (typeof SETTINGS_OF_OURS)[number] | "expiresIn" | "rotation" | "schedule";

/** The inputs that are ours alone, as the state holds them once they are carried out. */
export function settingsOf(news: ApiKeyInputs): Pick<ApiKeyState, KeptSetting> {
    return {
        waitForPropagation: news.waitForPropagation ?? undefined,
        propagationTimeout: news.propagationTimeout ?? undefined,
        onDelete: news.onDelete ?? undefined,
        expiresIn: news.expiresIn ?? undefined,
        rotation: keptRotation(news.rotation),
        schedule: news.schedule,
    };
}

/** Whether the settings of ours are those of the state; the schedule aside. What is not known yet is no change. */
export function sameSettings(state: ApiKeyState, news: Readonly<Record<string, unknown>>): boolean {
    return (
        sameRotation(state.rotation, news["rotation"]) &&
        SETTINGS_OF_OURS.every((name) => hasUnknown(news[name]) || (news[name] ?? undefined) === state[name])
    );
}

/** The state without some of what is owed. */
export function withoutDebts(state: ApiKeyState, paid: readonly Owed[]): ApiKeyState {
    const owed = state.owed?.filter((debt) => !paid.includes(debt));
    return { ...state, owed: owed?.length ? owed : undefined };
}

/** The state with one more thing that is owed. */
export function withDebt(state: ApiKeyState, debt: Owed): ApiKeyState {
    return { ...state, owed: [...(state.owed ?? []).filter((one) => one !== debt), debt] };
}

/** What a key's state takes over from before: whatever the API does not say. */
export type Carried = Pick<
    ApiKeyState,
    "teamId" | KeptSetting | "apiKey" | "rotatedAt" | "previousSecretExpiresAt" | "owed" | "given"
>;

/** The state of a key as the API holds it now. */
export function stateFromApi(key: ApiKey, carried: Carried): ApiKeyState {
    return {
        apiKeyId: key.apiKeyId,
        teamId: carried.teamId,
        name: key.name,
        acls: key.acls,
        qps: key.qps ?? undefined,
        qpm: key.qpm ?? undefined,
        tpm: key.tpm ?? undefined,
        expireTime: key.expireTime ?? undefined,
        disabled: key.disabled,
        waitForPropagation: carried.waitForPropagation,
        propagationTimeout: carried.propagationTimeout,
        onDelete: carried.onDelete,
        expiresIn: carried.expiresIn,
        rotation: carried.rotation,
        apiKey: carried.apiKey,
        redactedApiKey: key.redactedApiKey ?? undefined,
        userId: key.userId ?? undefined,
        createTime: key.createTime ?? undefined,
        rotatedAt: carried.rotatedAt,
        previousSecretExpiresAt: carried.previousSecretExpiresAt,
        schedule: carried.schedule,
        owed: carried.owed?.length ? carried.owed : undefined,
        given: Object.keys(carried.given ?? {}).length > 0 ? carried.given : undefined,
    };
}

/**
 * The inputs that a program would write for what the API holds: what a refresh puts in place of drifted ones. Also whatever
 * the API does not hold, but for what is read at creation alone: `ignoreChanges` takes it from here.
 */
export function inputsFromState(state: ApiKeyState): ApiKeyInputs {
    const rotation = givenBack(state.rotation, state.schedule?.triggers);
    const tpm = state.tpm === undefined ? undefined : Number(state.tpm);
    return {
        name: state.name,
        acls: state.acls,
        ...(state.qps === undefined ? {} : { qps: state.qps }),
        ...(state.qpm === undefined ? {} : { qpm: state.qpm }),
        ...(tpm === undefined ? {} : { tpm: Number.isSafeInteger(tpm) ? tpm : state.tpm }),
        ...(state.expireTime === undefined ? {} : { expireTime: state.expireTime }),
        ...(state.disabled ? { disabled: true } : {}),
        teamId: state.teamId,
        ...(state.waitForPropagation === undefined ? {} : { waitForPropagation: state.waitForPropagation }),
        ...(state.propagationTimeout === undefined ? {} : { propagationTimeout: state.propagationTimeout }),
        ...(state.onDelete === undefined ? {} : { onDelete: state.onDelete }),
        ...(state.expiresIn === undefined ? {} : { expiresIn: state.expiresIn }),
        ...(rotation === undefined ? {} : { rotation }),
        ...(state.schedule === undefined ? {} : { schedule: state.schedule }),
    };
}

/**
 * A digest of a given value, salted with the key's id: a program may have made the value secret, and a state file
 * stores this record in the clear.
 */
export function givenDigest(apiKeyId: string, value: unknown): string {
    return digestOf(`${apiKeyId}\n${JSON.stringify(value)}`);
}
