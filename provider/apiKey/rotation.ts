import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { parseDuration } from "../duration.js";
import { LONGEST_DURATION } from "../fields.js";
import { timeOf } from "../instant.js";
import { isMap } from "../isMap.js";
import { hasUnknown, isUnknown, UNKNOWN } from "../unknown.js";
import type { Properties } from "./context.js";

/**
 * When a key gets a new secret. Pure. A check alone knows the time: it counts the rotations that are due, so that a diff only
 * compares numbers.
 */

/** What the checks have counted. A hidden input, written by every check. */
export const rotationRecordSchema = z.object({
    /** How many rotations have been due so far. */
    number: z.number().int().min(0),
    /** The instant that `rotation.every` counts from: RFC 3339. */
    since: z.string().optional(),
    /** The expiry that `expiresIn` came to: RFC 3339. */
    expireTime: z.string().optional(),
    /** The `expiresIn` behind that expiry. */
    expiresIn: z.string().optional(),
});

/** A record of {@link rotationRecordSchema}. */
export type RotationRecord = z.infer<typeof rotationRecordSchema>;

/** What a check has found about rotation. */
export interface Count {
    readonly record: RotationRecord;
    /**
     * Why a rotation is due, beginning with its number: `#3: 30d have passed`. `undefined` where none is; the unknown value
     * where a trigger decides that is not known yet.
     */
    readonly due: string | undefined;
}

/**
 * Counts the rotation that is due, and the expiry. Unknown values change nothing by themselves; wrong ones count as absent.
 *
 * @param old - The record of the last run; `undefined` for a new key, and for one whose run recorded none (an import): then
 * nothing is due.
 * @param olds - The arguments of the last run.
 * @param news - The arguments now.
 * @param now - In milliseconds since 1970.
 */
export function countRotations(
    old: RotationRecord | undefined,
    olds: Properties,
    news: Properties,
    now: number,
): Count {
    const reasons = old === undefined ? [] : reasonsToRotate(old, olds, news, now);
    const rotates = reasons.length > 0;
    const number = (old?.number ?? 0) + (rotates ? 1 : 0);
    const since = nextSince(old, partOf(news, "every"), rotates, now);
    return {
        record: {
            number,
            ...(since === undefined ? {} : { since }),
            ...nextExpiry(old, news["expiresIn"], rotates, now),
        },
        due: rotates ? `#${number}: ${reasons.join("; ")}` : mayRotate(old, news) ? UNKNOWN : undefined,
    };
}

/** Whether the new arguments hold a trigger that was added or changed. A trigger that was removed rotates nothing. */
export function triggersChanged(olds: Properties, news: Properties): readonly string[] {
    const before = partOf(olds, "triggers");
    const after = partOf(news, "triggers");
    return isMap(after)
        ? Object.keys(after).filter(
              (name) => !hasUnknown(after[name]) && !(isMap(before) && isDeepStrictEqual(before[name], after[name])),
          )
        : [];
}

/** Reasons without instants, which would differ between a preview and its run. */
function reasonsToRotate(old: RotationRecord, olds: Properties, news: Properties, now: number): readonly string[] {
    const [every, beforeExpiry] = [partOf(news, "every"), partOf(news, "beforeExpiry")];
    const [period, early, length] = [lengthOf(every), lengthOf(beforeExpiry), lengthOf(news["expiresIn"])];
    const since = timeOf(old.since);
    const expiry = isSameLength(old.expiresIn, news["expiresIn"]) ? timeOf(old.expireTime) : undefined;
    const changed = triggersChanged(olds, news);
    return [
        ...(changed.length > 0 ? [`changed triggers: ${changed.join(", ")}`] : []),
        ...(period !== undefined && since !== undefined && now >= since + period ? [`${every} have passed`] : []),
        // A time that is no shorter than the whole would be due for ever.
        ...(early !== undefined &&
        length !== undefined &&
        early < length &&
        expiry !== undefined &&
        now > expiry - early
            ? [expiry > now ? `less than ${beforeExpiry} is left` : "the secret has expired"]
            : []),
    ];
}

function mayRotate(old: RotationRecord | undefined, news: Properties): boolean {
    return old !== undefined && (isUnknown(news["rotation"]) || hasUnknown(partOf(news, "triggers")));
}

function nextSince(old: RotationRecord | undefined, every: unknown, rotates: boolean, now: number): string | undefined {
    if (isUnknown(every)) {
        return old?.since;
    }
    if (lengthOf(every) === undefined) {
        return undefined;
    }
    return old?.since === undefined || rotates ? new Date(now).toISOString() : old.since;
}

/** The expiry is counted once, again with each rotation, and anew where `expiresIn` has changed. */
function nextExpiry(
    old: RotationRecord | undefined,
    expiresIn: unknown,
    rotates: boolean,
    now: number,
): Pick<RotationRecord, "expireTime" | "expiresIn"> {
    const isKept = isUnknown(expiresIn) || (!rotates && isSameLength(old?.expiresIn, expiresIn));
    if (isKept && old?.expireTime !== undefined && old.expiresIn !== undefined) {
        return { expireTime: old.expireTime, expiresIn: old.expiresIn };
    }
    const length = lengthOf(expiresIn);
    return typeof expiresIn === "string" && length !== undefined
        ? { expireTime: new Date(wholeSeconds(now + length)).toISOString(), expiresIn }
        : {};
}

/** The API publishes no precision of an expiry: one of whole seconds comes back as it was sent. */
function wholeSeconds(time: number): number {
    return Math.ceil(time / 1000) * 1000;
}

/** Whether two durations are of one length, however they are written. */
export function isSameLength(a: unknown, b: unknown): boolean {
    return lengthOf(a) === lengthOf(b);
}

function partOf({ rotation }: Properties, name: "triggers" | "every" | "beforeExpiry"): unknown {
    return isUnknown(rotation) ? rotation : isMap(rotation) ? rotation[name] : undefined;
}

function lengthOf(duration: unknown): number | undefined {
    const length = parseDuration(duration);
    return length === undefined || length <= 0 || length > LONGEST_DURATION ? undefined : length;
}
