import { z } from "zod";
import { canonicalJson, digestOf, isMap } from "./digest.js";
import { parseDuration } from "./duration.js";
import { timeOf } from "./instant.js";
import { standsFor } from "./keptRotation.js";
import { hasUnknown, isUnknown } from "./unknown.js";

/**
 * When a key gets a new secret, and until when that works: the rotations that are due, counted. Pure. A check alone knows
 * the time, and leaves what it found in the inputs, so that a diff only compares two numbers.
 */

/** The record that a check leaves among the inputs, and whoever carries it out among the outputs. */
export const scheduleSchema = z.object({
    /** How many rotations have been due so far. */
    generation: z.number().int().min(0),
    /** What `rotation.every` is counted from: RFC 3339. */
    since: z.string().optional(),
    /** A digest of `rotation.triggers`: they may be secret. */
    triggers: z.string().optional(),
    /** A digest of the `expiresIn` with which `expireTime` was counted, which may be secret. */
    expiresIn: z.string().optional(),
    /** The expiry that was counted: RFC 3339. */
    expireTime: z.string().optional(),
    /** Why the last rotation was due. */
    reason: z.string().optional(),
});

/** A record of {@link scheduleSchema}. */
export type Schedule = z.infer<typeof scheduleSchema>;

type Properties = Readonly<Record<string, unknown>>;

/** The longest duration that is counted with, in milliseconds: a hundred years. */
export const LONGEST = 36_525 * 86_400_000;

/**
 * How much later than it can be a time is taken for one that another machine counted, whose clock is a little ahead, in
 * milliseconds. What is later than that was counted by a wrong clock.
 *
 * @param length - That of the duration that is counted with, in milliseconds.
 */
export function clockSlack(length: number): number {
    return Math.min(length, 86_400_000);
}

/** The record among inputs; `undefined` where there is none that can be read. */
export function scheduleIn(inputs: Properties): Schedule | undefined {
    const parsed = scheduleSchema.safeParse(inputs["schedule"]);
    return parsed.success ? parsed.data : undefined;
}

/**
 * The next record: what has become due is counted, everything else is kept. What a program gives may be unknown, which
 * changes nothing by itself, or wrong, which counts as absent.
 *
 * @param olds - The inputs of the last run; `{}` for a key that does not exist yet, which needs no rotation.
 * @param news - The arguments as the program gives them now.
 * @param now - In milliseconds since 1970.
 * @returns `undefined` where there is nothing to record.
 */
export function nextSchedule(olds: Properties, news: Properties, now: number): Schedule | undefined {
    const stored = scheduleIn(olds);
    const wanted = wantedBy(news, stored);
    const old = stored && { ...stored, since: credibleSince(stored.since, wanted.every, now) };
    const due = Object.keys(olds).length === 0 ? NOTHING : dueRotations(old, wanted, now);
    const rotates = due.reasons.length > 0;
    const schedule = {
        generation: (old?.generation ?? 0) + (rotates ? 1 : 0),
        since: nextSince(old, wanted, due, now),
        triggers: wanted.triggers,
        ...nextExpiry(old, wanted, rotates, now),
        reason: rotates ? due.reasons.join("; ") : old?.reason,
    };
    const { generation, ...rest } = schedule;
    const set = Object.entries(rest).filter(([, value]) => value !== undefined);
    return generation === 0 && set.length === 0 ? undefined : { generation, ...Object.fromEntries(set) };
}

/**
 * The inputs with the next record and the expiry that it has counted.
 *
 * @param now - In milliseconds since 1970.
 */
export function withSchedule(olds: Properties, news: Properties, now: number): Properties {
    const schedule = nextSchedule(olds, news, now);
    const { schedule: _, ...given } = news;
    const { expiresIn = null } = given;
    return {
        ...given,
        // A duration that is not known yet makes an expiry that is not.
        ...(expiresIn === null ? {} : { expireTime: schedule?.expireTime ?? expiresIn }),
        ...(schedule === undefined ? {} : { schedule }),
    };
}

/**
 * Whether a rotation is due that was not carried out yet. One that has become due is given up with the argument
 * `rotation` itself.
 *
 * @param held - The record among the outputs.
 * @param news - Checked inputs.
 */
export function isRotationDue(held: Schedule | undefined, news: Properties): boolean {
    const { rotation = null } = news;
    return rotation !== null && (scheduleIn(news)?.generation ?? 0) > (held?.generation ?? 0);
}

/** Whether two records say the same. */
export function sameSchedule(a: Schedule | undefined, b: Schedule | undefined): boolean {
    return canonicalJson(a ?? {}) === canonicalJson(b ?? {});
}

/** A duration of the program's, in milliseconds; `"unknown"` where it is not known yet. */
type Duration = number | "unknown" | undefined;

interface Wanted {
    readonly every: Duration;
    readonly beforeExpiry: Duration;
    readonly expiresIn: Duration;
    /** The digest to record. */
    readonly triggers: string | undefined;
    readonly hasTriggers: boolean;
}

function wantedBy({ rotation, expiresIn }: Properties, old: Schedule | undefined): Wanted {
    if (isUnknown(rotation)) {
        const kept = { triggers: old?.triggers, hasTriggers: old?.triggers !== undefined };
        return { every: "unknown", beforeExpiry: "unknown", expiresIn: durationOf(expiresIn), ...kept };
    }
    const { triggers, every, beforeExpiry }: Properties = isMap(rotation) ? rotation : {};
    return {
        every: durationOf(every),
        beforeExpiry: durationOf(beforeExpiry),
        expiresIn: durationOf(expiresIn),
        triggers: hasUnknown(triggers) ? old?.triggers : isMap(triggers) ? digestFor(triggers, old) : undefined,
        hasTriggers: isUnknown(triggers) ? old?.triggers !== undefined : isMap(triggers),
    };
}

interface Due {
    readonly reasons: readonly string[];
    /** How many whole periods of `every` have passed, where nothing else is due. */
    readonly periods: number;
}

const NOTHING: Due = { reasons: [], periods: 0 };

function dueRotations(old: Schedule | undefined, wanted: Wanted, now: number): Due {
    const { every, beforeExpiry, expiresIn } = wanted;
    const reasons: string[] = [];
    if (wanted.hasTriggers && (old?.triggers === undefined || wanted.triggers !== old.triggers)) {
        const what = old?.triggers === undefined ? "stands in the program now" : "has changed";
        reasons.push(`\`rotation.triggers\` ${what}`);
    }
    const expireTime = keptExpiry(old, expiresIn);
    const expiry = timeOf(expireTime);
    // A time that is no shorter than the whole would be due for ever.
    const renews = isKnown(beforeExpiry) && isKnown(expiresIn) && beforeExpiry < expiresIn;
    if (renews && expiry !== undefined && expiry - now < beforeExpiry) {
        const left = expiry > now ? "less than `rotation.beforeExpiry` is left until" : "the secret expired at";
        reasons.push(`${left} ${expireTime}`);
    }
    const since = timeOf(old?.since);
    if (!isKnown(every) || since === undefined || now < since + every) {
        return { reasons, periods: 0 };
    }
    const periods = reasons.length > 0 ? 0 : Math.floor((now - since) / every);
    return { reasons: [...reasons, `\`rotation.every\` has passed since ${old?.since}`], periods };
}

/** What `every` was counted from; `undefined`, so that it is counted anew, where only a wrong clock can have said so. */
function credibleSince(since: string | undefined, every: Duration, now: number): string | undefined {
    const isLater = isKnown(every) && (timeOf(since) ?? now) - now > clockSlack(every);
    return isLater ? undefined : since;
}

/** What `every` is counted from: kept from its first day on, period after period, until something else rotates. */
function nextSince(old: Schedule | undefined, { every }: Wanted, due: Due, now: number): string | undefined {
    if (!isKnown(every)) {
        return every === "unknown" ? old?.since : undefined;
    }
    const since = timeOf(old?.since);
    const startsOver = since === undefined || (due.reasons.length > 0 && due.periods === 0);
    return startsOver ? textOf(now) : due.periods === 0 ? old?.since : textOf(since + due.periods * every);
}

/** The expiry: counted once, and again with each rotation. */
function nextExpiry(
    old: Schedule | undefined,
    { expiresIn }: Wanted,
    rotates: boolean,
    now: number,
): Pick<Schedule, "expiresIn" | "expireTime"> {
    const kept = keptExpiry(old, expiresIn);
    if (expiresIn === undefined) {
        return {};
    }
    if (expiresIn === "unknown" || (kept !== undefined && !rotates)) {
        return { expiresIn: old?.expiresIn, expireTime: kept };
    }
    return { expiresIn: digestOfLength(expiresIn), expireTime: textOf(now + expiresIn) };
}

/** The expiry that was counted with the same `expiresIn`, however that is written. */
function keptExpiry(old: Schedule | undefined, expiresIn: Duration): string | undefined {
    const same = expiresIn === "unknown" || (isKnown(expiresIn) && digestOfLength(expiresIn) === old?.expiresIn);
    return same && timeOf(old?.expireTime) !== undefined ? old?.expireTime : undefined;
}

function isKnown(duration: Duration): duration is number {
    return typeof duration === "number";
}

function durationOf(value: unknown): Duration {
    if (isUnknown(value)) {
        return "unknown";
    }
    const ms = typeof value === "string" ? parseDuration(value) : undefined;
    return ms === undefined || ms <= 0 || ms > LONGEST ? undefined : ms;
}

function textOf(time: number): string {
    return new Date(time).toISOString();
}

/** @param length - In milliseconds. */
function digestOfLength(length: number): string {
    return digestOf(String(length));
}

function digestFor(triggers: Properties, old: Schedule | undefined): string | undefined {
    return standsFor(triggers, old?.triggers) ? old?.triggers : digestOf(canonicalJson(triggers));
}
