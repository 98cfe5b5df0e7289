import type { Operation } from "xai-management-emulator";
import type { Side } from "./gate.js";
import type { WantedKey } from "./place.js";

/** The table of deaths: who dies, at which point of what, with how many resources in flight, and what is done then. */

/** A disk is filled to its last byte, and has room again when the run has ended. */
export const VICTIMS = ["engine", "provider host", "disk", "program"] as const;
export type Victim = (typeof VICTIMS)[number];

/**
 * What a run is about when it is hit. A recovery rotates the secrets of keys whose creation was answered without one; a
 * takeover does so with keys whose creation was not answered at all.
 */
export const PARTS = ["create", "update", "recovery", "delete", "takeover"] as const;
export type Part = (typeof PARTS)[number];

/** A point at which a run can be hit. */
export interface Point {
    readonly name: string;
    readonly part: Part;
    readonly operation: Operation;
    readonly side: Side;
    /** Whether the server has made keys of which no state knows yet. */
    readonly madeUnknownKeys: boolean;
}

export const POINTS: readonly Point[] = [
    point("create", "before the server hears of the creation", "createApiKey", "request", false),
    point("create", "after the server has created the key, before the answer", "createApiKey", "answer", true),
    point("create", "during the wait for propagation", "checkApiKeyPropagation", "request", true),
    point("create", "before the update that disables the new key", "updateApiKey", "request", true),
    point("create", "after the update that disables the new key", "updateApiKey", "answer", true),
    point("update", "before the server hears of the update", "updateApiKey", "request", false),
    point("update", "after the server has updated the key, before the answer", "updateApiKey", "answer", false),
    point("recovery", "before the server hears of the rotation", "rotateApiKey", "request", false),
    point("recovery", "after the server has rotated the secret, before the answer", "rotateApiKey", "answer", false),
    point("takeover", "before the server hears of the rotation", "rotateApiKey", "request", true),
    point("takeover", "after the server has rotated the secret, before the answer", "rotateApiKey", "answer", true),
    point("delete", "before the server hears of the deletion", "deleteApiKey", "request", false),
    point("delete", "after the server has deleted the key, before the answer", "deleteApiKey", "answer", false),
];

function point(part: Part, name: string, operation: Operation, side: Side, madeUnknownKeys: boolean): Point {
    return { part, name, operation, side, madeUnknownKeys };
}

/** What is done after a death. */
export const RECOVERIES = ["refresh and up", "up alone"] as const;
export type Recovery = (typeof RECOVERIES)[number];

/** How many resources are in flight where there are many. */
export const MANY = 8;

/** One death. */
export interface Cell {
    readonly victim: Victim;
    readonly point: Point;
    /** How many resources are in flight. */
    readonly count: number;
    readonly recovery: Recovery;
}

/**
 * How many requests have to get through before as many as are wanted are under way at once: one update alone finds out
 * by which route the server is updated.
 */
export function passesOf({ point: { operation }, count }: Cell): number {
    return operation === "updateApiKey" && count > 1 ? 1 : 0;
}

/** Every death of a part. */
export function allCells(part: Part): Cell[] {
    return pointsOf(part).flatMap((where) =>
        VICTIMS.flatMap((victim) =>
            [1, MANY].flatMap((count) =>
                RECOVERIES.map((recovery): Cell => ({ victim, point: where, count, recovery })),
            ),
        ),
    );
}

/**
 * Of the deaths of a part those that differ most: a host dies at every point, an engine and a disk where the server has
 * acted and at the very beginning, a program, whose death loses nothing that is in flight, once. Numbers and recoveries
 * take turns.
 */
export function someCells(part: Part): Cell[] {
    const points = pointsOf(part);
    return points.flatMap((where, row) => {
        const hasActed = where.side === "answer" || where.operation === "checkApiKeyPropagation";
        const victims = VICTIMS.filter((victim) => {
            if (victim === "engine" || victim === "disk") {
                return hasActed || where.operation === "createApiKey";
            }
            return victim === "provider host" || row === points.length - 1;
        });
        return victims.map((victim, column): Cell => {
            const turn = row + column;
            // Where the server has acted many matter most.
            const count = where.side === "answer" || turn % 2 === 0 ? MANY : 1;
            return { victim, point: where, count, recovery: turn % 3 === 2 ? "up alone" : "refresh and up" };
        });
    });
}

/**
 * One death of each part, where the server has acted, of an engine, a host and a program in turn: for an engine whose
 * processes take long to start, and which tries long to write to a full disk.
 */
export function fewCells(part: Part): Cell[] {
    const victims = VICTIMS.filter((one) => one !== "disk");
    const row = PARTS.indexOf(part);
    const where = pointsOf(part).find(({ side }) => side === "answer");
    const victim = victims[row % victims.length];
    if (where === undefined || victim === undefined) {
        return [];
    }
    return [{ victim, point: where, count: MANY, recovery: row % 2 === 0 ? "refresh and up" : "up alone" }];
}

function pointsOf(part: Part): Point[] {
    return POINTS.filter((one) => one.part === part);
}

/** The keys of the program before the run that is hit, and those that it is to bring about. */
export function programsOf(cell: Cell): {
    readonly before: readonly WantedKey[];
    readonly after: readonly WantedKey[];
} {
    const { part, operation } = cell.point;
    const length = cell.count + passesOf(cell);
    const keys = (settings: Omit<WantedKey, "name">): WantedKey[] =>
        Array.from({ length }, (_, index) => ({ name: `key${index + 1}`, ...settings }));
    const bystander: WantedKey = { name: "bystander", qpm: 1 };
    switch (part) {
        case "create":
        case "takeover":
            return { before: [], after: keys({ qpm: 10, ...(operation === "updateApiKey" && { disabled: true }) }) };
        case "update":
            return { before: keys({ qpm: 10 }), after: keys({ qpm: 20 }) };
        case "recovery":
            return { before: keys({ qpm: 10 }), after: keys({ qpm: 10 }) };
        case "delete":
            return { before: [bystander, ...keys({ qpm: 10 })], after: [bystander] };
    }
}
