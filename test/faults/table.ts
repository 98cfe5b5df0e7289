import { SCENES, type Scene, type SceneName } from "./scenes.js";
import { type Kind, TROUBLES, type Trouble } from "./troubles.js";

/**
 * What happens where something goes wrong, as it was decided: for every operation and every trouble. The tests play each
 * cell of it, and `docs/faults.md` is written from it.
 */

/** What an operation comes to while a trouble lasts. */
export interface Outcome {
    readonly ends: "succeeds" | "succeeds with a warning" | "fails";
    /** What is shown; `{said}` stands for what the operation's request ended with. Nothing where it is absent. */
    readonly says?: string;
    /** Which keys the state holds then. */
    readonly state:
        | "as the program says"
        | "as before"
        | "the key, with a note that it is waited for"
        | "the key with its old secret, and a note that it needs a new one";
    /** Whether the server may hold a key besides, which the message names by its id. */
    readonly reports?: boolean;
    /** What is done by whoever sees it, and what it means. */
    readonly meaning: string;
}

const LOST = "The key may exist all the same, so the create was not sent again.";

/** Every outcome that there is. */
export const OUTCOMES = {
    done: { ends: "succeeds", state: "as the program says", meaning: "Done, as if nothing had happened." },
    "taken over": {
        ends: "succeeds with a warning",
        says: "The answer to a create in team {team} was lost ({what}). API key {id}, created at {time} with the same settings under the default name, which is this stack's alone, is what it made. It was taken over, with a new secret: the lost one was rotated away.",
        state: "as the program says",
        meaning: "The key that was made is found by its name, settings and time, and gets a new secret.",
    },
    warned: {
        ends: "succeeds with a warning",
        says: "The keys' ACLs were not held against the team's models and endpoints. {said}",
        state: "as before",
        meaning: "The check goes on without the look-up; the API itself still refuses what it does not have.",
    },
    "asked again": {
        ends: "succeeds with a warning",
        says: "The keys' ACLs were not held against the team's models and endpoints. {said}",
        state: "as the program says",
        meaning: "The check goes on without a team; the create asks for it again.",
    },
    fails: {
        ends: "fails",
        says: "{said}",
        state: "as before",
        meaning: "Nothing was done, as the answer says, or a listing where there was none.",
    },
    "fails the check": {
        ends: "fails",
        says: "has a problem: {said}",
        state: "as before",
        meaning: "A preview fails as well: with this management key nothing will work.",
    },
    "not found": {
        ends: "fails",
        says: `{said} ${LOST} No key with this name and these settings has appeared in the team so far: run again. Should one appear later, delete it in the xAI Console.`,
        state: "as before",
        meaning: "The key was looked for, several times, and is not there.",
    },
    reported: {
        ends: "fails",
        says: `{said} ${LOST} API key {id} may be what it made: it has the same name and settings, and was created at about that time. It was not touched, for the program gave the name, so that the key may be someone else's. Look at it in the xAI Console: where nobody uses it, delete it. Then run again.`,
        state: "as before",
        reports: true,
        meaning: "The key is there, and left alone: under a name that the program gave it may be someone else's.",
    },
    "not applied": {
        ends: "fails",
        says: "The API took the update of API key {id}, but `qps` still has its old value. The API refuses the change in silence: check it in the xAI Console, and run again.",
        state: "as before",
        meaning: "The answer shows the old value.",
    },
    "left out": {
        ends: "fails",
        says: "API key {id} is not in the listing of team {team}, but the API knows it: the listing is not complete. Nothing was concluded: run again, and report it where it lasts.",
        state: "as before",
        meaning: "Two listings lack the key, but the API knows its id: it is not gone.",
    },
    waits: {
        ends: "fails",
        says: "API key {id} exists, but after {time} it is not known everywhere: the API names no cluster yet. It is kept in the stack; `pulumi up` goes on waiting. Raise `propagationTimeout`, or set `waitForPropagation: false`. The last check failed: {said}",
        state: "the key, with a note that it is waited for",
        meaning: "What may pass is asked again until `propagationTimeout` is over; the key is kept.",
    },
    stops: {
        ends: "fails",
        says: "{said}",
        state: "the key, with a note that it is waited for",
        meaning: "What does not pass ends the wait at once; the key is kept.",
    },
    "no secret": {
        ends: "fails",
        says: "{said} API key {id} may have a new secret that no answer held: run `pulumi up` again, which rotates once more.",
        state: "the key with its old secret, and a note that it needs a new one",
        meaning: "The old secret works until its overlap ends, if there was a rotation.",
    },
    "no rotation": {
        ends: "fails",
        says: "API key {id} is due for a new secret, but this server has no rotation ({what}). Make the key anew, with the URN that `pulumi stack --show-urns` shows: `pulumi up --replace '<urn>'`. Or take `rotation` out of the program.",
        state: "as before",
        meaning: "The key is there, so that it is the route that is not.",
    },
    "no team": {
        ends: "fails",
        says: "`xai:teamId` is not set. This server cannot say which team the management key is for. Set it with `pulumi config set xai:teamId`, or in the environment variable XAI_TEAM_ID.",
        state: "as before",
        meaning: "The server has no such route: the team has to be set.",
    },
} as const satisfies Record<string, Outcome>;

export type OutcomeName = keyof typeof OUTCOMES;

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
        models: "fails the check",
        endpoints: "fails the check",
        validation: "fails the check",
    },
    "not permitted": REFUSED,
    "not found": { ...REFUSED, rotate: "no rotation", propagation: "waits", validation: "no team" },
    "no such method": { ...REFUSED, rotate: "no rotation", validation: "no team" },
    "too fast": { ...REFUSED, propagation: "waits" },
    "server in trouble": { ...UNCLEAR, propagation: "waits" },
    "another success": { ...EVERYWHERE("done"), models: "done", endpoints: "done" },
    "success without a body": { ...UNCLEAR, delete: "done" },
    "incomplete page": { ...NOWHERE, list: "left out", listLater: "left out" },
    "ignored update": { ...NOWHERE, update: "not applied" },
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
    return exception(scene, trouble) ?? usual(scene, trouble, lasting);
}

function usual(scene: SceneName, trouble: Trouble, lasting: OutcomeName): Decision {
    const again = sentAgain(scene, trouble);
    const passes = again !== "never" && (trouble.connection === undefined || isMidway(scene));
    const once = passes
        ? "done"
        : scene === "validation" && lasting !== "done"
          ? onceAtValidation(trouble, lasting)
          : lasting;
    return { again, once, lasting };
}

/** The check's question is answered by the trouble, the create's by the server. */
function onceAtValidation({ kind, connection }: Trouble, lasting: OutcomeName): OutcomeName {
    return kind === "wrong management key" || connection !== undefined ? lasting : "asked again";
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
    if (kind === "no connection") {
        return "up to 3 times";
    }
    if (scene === "update" && (kind === "not found" || kind === "no such method")) {
        // The other published route may be the one that this server has.
        return "once, another way";
    }
    if (scene === "list" && kind === "refusal") {
        // Without a page size: a server may allow smaller pages only.
        return "once, another way";
    }
    if (scene === "rotate" && UNCLEAR_ROTATIONS.has(kind)) {
        // Another rotation makes it certain which secret works.
        return "up to 3 times";
    }
    const creates = scene === "rotate" || scene === "create" || scene === "createNamed";
    const retried = RETRIED.has(kind) && outlasts !== true && (!creates || kind === "too fast");
    return retried ? "up to `xai:maxRetries`" : "never";
}

/** Where one trouble is treated unlike its kind. */
function exception(scene: SceneName, trouble: Trouble): Decision | undefined {
    const page = trouble.fault?.page;
    if (page === "repeats its token") {
        // The first page has no token to repeat.
        return scene === "list"
            ? { again: "never", once: "done", lasting: "fails" }
            : { again: "never", once: "fails", lasting: "fails" };
    }
    if (page === "ends early" && scene === "listLater") {
        return { again: "never", once: "done", lasting: "done" };
    }
    if (page !== undefined) {
        // A second listing has what one lacks.
        return { again: "never", once: "done", lasting: "left out" };
    }
    if (scene === "propagation" && (trouble.kind === "not found" || trouble.kind === "no TLS")) {
        return { again: "never", once: "done", lasting: "waits" };
    }
    if (scene === "validation" && trouble.outlasts === true) {
        return { again: "never", once: "fails", lasting: "fails" };
    }
    return undefined;
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

/** What is shown in a cell, with words in braces for what differs from case to case; `undefined` where nothing is. */
export function shown(scene: SceneName, trouble: Trouble, name: OutcomeName): string | undefined {
    const outcome: Outcome = OUTCOMES[name];
    const { endpoint } = SCENES[scene];
    return outcome.says
        ?.replace("{said}", said(scene, trouble, name))
        .replace("{what}", trouble.what)
        .replace("{endpoint}", endpoint);
}

/** What the request itself ended with. */
function said(scene: SceneName, trouble: Trouble, name: OutcomeName): string {
    if (name === "asked again" && TABLE[trouble.kind][scene] === "no team") {
        return OUTCOMES["no team"].says;
    }
    const { says } = SCENES[scene];
    if (trouble.kind === "too fast" && name === "waits") {
        // The last check was refused, or not sent any more.
        return `${says}: the API {said}. ${trouble.hint}`;
    }
    const { what, hint } = trouble.outlasts === true && scene === "validation" ? HELD_BACK : trouble;
    return `${says}: ${what}. ${hint}`;
}

/** What a request says that is held back because another one was told to wait too long. */
const HELD_BACK = {
    what: "the API asked for a pause that leaves nothing of the {time} it may take, so it was not sent",
    hint: "The rate limit held out over all retries: lower `xai:maxConcurrency`, or raise `xai:maxRetries` and `xai:operationTimeout`. The limits are `xai:requestTimeout` ({time} an attempt) and `xai:operationTimeout` ({time} over all{here}).",
};
