import type { OutcomeName } from "./outcomes.js";
import { SCENES, type Scene, type SceneName } from "./scenes.js";
import { type Kind, TROUBLES, type Trouble } from "./troubles.js";

/**
 * What happens where something goes wrong, as it was decided: for every operation and every trouble. The tests play each
 * cell of it, and `docs/faults.md` is written from it. What there is to come to stands in `outcomes.ts`.
 */

/** How often a request is sent again while the trouble lasts. */
export type Again = "never" | "up to `xai:maxRetries`" | "up to 3 times" | "once, another way";

/** What was decided for one operation and one trouble. */
export interface Decision {
    readonly again: Again;
    /** What it comes to where the trouble strikes once. */
    readonly once: OutcomeName;
    /** What it comes to where it lasts. */
    readonly lasting: OutcomeName;
}

/** What lasting trouble comes to; by whether the server acted, where that makes a difference. */
type Row = Readonly<
    Record<SceneName, OutcomeName | { readonly acted: OutcomeName; readonly not: OutcomeName } | undefined>
>;

/** Nothing was done, and whoever asked is told. */
const REFUSED: Row = {
    create: "fails",
    createNamed: "fails",
    list: "fails",
    listLater: "fails",
    update: "fails",
    rotate: "fails",
    delete: "fails",
    disable: "kept",
    disableAtEnd: "fails",
    adoptList: "not looked for",
    adoptRotate: "fails",
    adoptUpdate: "kept",
    propagation: "stops",
    models: "warned",
    endpoints: "warned",
    validation: "fails",
};

/** Whether it was done has to be found out, where something is written. */
const UNCLEAR: Row = {
    ...REFUSED,
    create: { acted: "taken over", not: "not found" },
    createNamed: { acted: "reported", not: "not found" },
    update: { acted: "done", not: "fails" },
    rotate: "no secret",
    delete: { acted: "done", not: "fails" },
    disable: { acted: "done", not: "kept" },
    disableAtEnd: { acted: "done", not: "fails" },
    adoptRotate: "not taken over yet",
    adoptUpdate: { acted: "done", not: "kept" },
};

const EVERYWHERE = <T>(what: T): Record<SceneName, T> => {
    const names = Object.keys(SCENES) as SceneName[];
    return Object.fromEntries(names.map((name) => [name, what])) as Record<SceneName, T>;
};

const NOWHERE: Row = EVERYWHERE(undefined);

/** The table: kinds of trouble by operations. `undefined`: it cannot meet this operation. */
export const TABLE: Readonly<Record<Kind, Row>> = {
    "no connection": { ...REFUSED, propagation: "waits" },
    "no TLS": { ...REFUSED, propagation: "waits" },
    "lost answer": { ...UNCLEAR, propagation: "waits" },
    "unreadable answer": UNCLEAR,
    redirect: REFUSED,
    refusal: REFUSED,
    "wrong management key": {
        ...REFUSED,
        adoptList: "fails the check",
        models: "fails the check",
        endpoints: "fails the check",
        validation: "fails the check",
    },
    "not permitted": REFUSED,
    "not found": {
        ...REFUSED,
        rotate: "no rotation",
        adoptRotate: "needs its secret",
        propagation: "waits",
        validation: "no team",
    },
    "no such method": {
        ...REFUSED,
        rotate: "no rotation",
        adoptRotate: "needs its secret",
        validation: "no team",
    },
    "too fast": { ...REFUSED, propagation: "waits" },
    "server in trouble": { ...UNCLEAR, propagation: "waits" },
    "another success": { ...EVERYWHERE("done"), models: "done", endpoints: "done" },
    "success without a body": { ...UNCLEAR, delete: "done" },
    "incomplete page": { ...NOWHERE, list: "left out", listLater: "left out", adoptList: "not listed" },
    "ignored update": {
        ...NOWHERE,
        update: "not applied",
        disable: "kept, not applied",
        disableAtEnd: "not applied",
        adoptUpdate: "kept, not applied",
    },
};

const UNCLEAR_ROTATIONS: ReadonlySet<Kind> = new Set([
    "lost answer",
    "unreadable answer",
    "server in trouble",
    "success without a body",
]);

const RETRIED: ReadonlySet<Kind> = new Set(["lost answer", "too fast", "server in trouble"]);

/** What was decided, or `undefined` where the trouble cannot meet the operation. */
export function decide(scene: SceneName, trouble: Trouble, acts: boolean): Decision | undefined {
    const cell = TABLE[trouble.kind][scene];
    if (cell === undefined) {
        return undefined;
    }
    const lasting = typeof cell === "string" ? cell : cell[acts ? "acted" : "not"];
    return exception(scene, trouble, lasting) ?? usual(scene, trouble, lasting);
}

function usual(scene: SceneName, trouble: Trouble, lasting: OutcomeName): Decision {
    const again = sentAgain(scene, trouble);
    const passes = again !== "never" && (trouble.connection === undefined || isMidway(scene));
    return { again, once: passes ? "done" : struckOnce(scene, trouble, lasting), lasting };
}

/** What is asked by a check and by the create after it, and what it comes to where the check alone has no answer. */
const ASKED_TWICE: Readonly<Partial<Record<SceneName, OutcomeName>>> = {
    validation: "asked again",
    adoptList: "looked for again",
};

function struckOnce(scene: SceneName, { kind, connection }: Trouble, lasting: OutcomeName): OutcomeName {
    const isOver = lasting === "done" || kind === "wrong management key" || connection !== undefined;
    return isOver ? lasting : (ASKED_TWICE[scene] ?? lasting);
}

/** Whether a check and the create after it have both asked, where it came to this. */
export function isAskedTwice({ scene, trouble }: Cell, came: OutcomeName): boolean {
    return (
        ASKED_TWICE[scene] !== undefined && trouble.outlasts !== true && came !== "done" && came !== "fails the check"
    );
}

/** Whether what was asked last was not sent: what asked before it was told to wait for too long. */
export function isHeldBack(scene: SceneName, { outlasts }: Trouble): boolean {
    return outlasts === true && ASKED_TWICE[scene] !== undefined;
}

/**
 * Whether connections fail in the middle of a run there. What can be asked first fails from the first request on, as after a
 * wrong base URL, and for the whole run.
 */
export function isMidway(scene: SceneName): boolean {
    const { follows }: Scene = SCENES[scene];
    return follows !== undefined;
}

function sentAgain(scene: SceneName, { kind, outlasts }: Trouble): Again {
    const { operation } = SCENES[scene];
    if (kind === "no connection") {
        return "up to 3 times";
    }
    if (operation === "updateApiKey" && (kind === "not found" || kind === "no such method")) {
        // The other published route may be the one that this server has.
        return "once, another way";
    }
    if ((scene === "list" || scene === "adoptList") && kind === "refusal") {
        // Without a page size: a server may allow smaller pages only.
        return "once, another way";
    }
    if (operation === "rotateApiKey" && UNCLEAR_ROTATIONS.has(kind)) {
        // Another rotation makes it certain which secret works.
        return "up to 3 times";
    }
    const isRepeatable = operation !== "createApiKey" && operation !== "rotateApiKey";
    const retried = RETRIED.has(kind) && outlasts !== true && (isRepeatable || kind === "too fast");
    return retried ? "up to `xai:maxRetries`" : "never";
}

/** Where one trouble is treated unlike its kind. */
function exception(scene: SceneName, trouble: Trouble, lasting: OutcomeName): Decision | undefined {
    const page = trouble.fault?.page;
    if (page === "repeats its token") {
        const fails = scene === "adoptList" ? "not looked for" : "fails";
        // The first page has no token to repeat.
        return { again: "never", once: scene === "listLater" ? fails : "done", lasting: fails };
    }
    if (page === "ends early" && scene === "listLater") {
        return { again: "never", once: "done", lasting: "done" };
    }
    if (page !== undefined) {
        // A second listing has what one lacks.
        return { again: "never", once: "done", lasting };
    }
    if (scene === "propagation" && (trouble.kind === "not found" || trouble.kind === "no TLS")) {
        return { again: "never", once: "done", lasting };
    }
    return isHeldBack(scene, trouble) ? { again: "never", once: lasting, lasting } : undefined;
}

/** One cell: an operation, a trouble, whether the server acts, and what was decided. */
export interface Cell {
    readonly scene: SceneName;
    readonly trouble: Trouble;
    readonly acts: boolean;
    readonly decision: Decision;
}

/** Every cell of the table, for some operations. */
export function cells(scenes: readonly SceneName[]): Cell[] {
    return scenes.flatMap((scene) =>
        TROUBLES.flatMap((trouble) =>
            waysToAct(scene, trouble).flatMap((acts) => {
                const decision = decide(scene, trouble, acts);
                return decision === undefined ? [] : [{ scene, trouble, acts, decision }];
            }),
        ),
    );
}

function waysToAct(scene: SceneName, { acts }: Trouble): readonly boolean[] {
    return acts === "either" ? (SCENES[scene].writes ? [false, true] : [false]) : [acts];
}
