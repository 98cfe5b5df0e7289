import { type ApiKey, isReadable, type ListedApiKey, type NewApiKey } from "./api/apiKeys.js";
import { CLOCK_GRACE } from "./api/serverClock.js";
import { sameOnceNormalised } from "./apiKeyDiff.js";
import { UPDATABLE_FIELDS } from "./apiKeyState.js";
import { timeOf } from "./instant.js";

/**
 * A create whose answer was lost: which keys it may have made, and what becomes of them. Pure.
 */
export interface LostCreate {
    readonly sent: NewApiKey;
    /** A lower bound of the server's time when it was sent, in milliseconds since 1970; `undefined` where none is known. */
    readonly since: number | undefined;
    /** The keys that there were before this process created any; `undefined` where no listing was to be had. */
    readonly before: ReadonlyMap<string, unknown> | undefined;
}

/**
 * The listed keys that a lost create may have made: of the same name and settings, in whatever form the API keeps them,
 * made since, and known to nobody here.
 *
 * @param isKnown - Whether this process made the key otherwise, or knows a resource that holds it.
 * @param modelNames - Every alias and name of the team's models, and the name that it stands for. May be empty.
 */
export function candidates(
    listed: Iterable<ListedApiKey>,
    lost: LostCreate,
    isKnown: (apiKeyId: string) => boolean,
    modelNames: ReadonlyMap<string, string>,
): readonly ApiKey[] {
    return [...listed]
        .filter(isReadable)
        .filter(
            (key) =>
                !isKnown(key.apiKeyId) &&
                !lost.before?.has(key.apiKeyId) &&
                !isOlder(key, lost) &&
                UPDATABLE_FIELDS.every((field) =>
                    sameOnceNormalised(field, key[field], { ...lost.sent, disabled: false }[field], modelNames),
                ),
        );
}

/**
 * The keys that a lost create may have made if the API keeps what it was given in a form that is not known here: of the same
 * name, known to nobody here, and new by a listing or by the clock. They are told, and left alone.
 */
export function namesakes(
    listed: Iterable<ListedApiKey>,
    lost: LostCreate,
    isKnown: (apiKeyId: string) => boolean,
): readonly string[] {
    const isNew = (key: ApiKey) => (lost.before === undefined ? !isOlder(key, lost) : !lost.before.has(key.apiKeyId));
    return [...listed]
        .filter(isReadable)
        .filter((key) => key.name.trim() === lost.sent.name.trim() && !isKnown(key.apiKeyId) && isNew(key))
        .map(({ apiKeyId }) => apiKeyId);
}

/** Whether the server's clock proves that a key was there before the create was sent. */
function isOlder(key: ApiKey, { since }: LostCreate): boolean {
    const made = timeOf(key.createTime);
    return since !== undefined && made !== undefined && made < since - CLOCK_GRACE;
}

/**
 * Whether the server's clock proves that a candidate was made since; that a listing lacked it before does not, for one that
 * ended early lacks what was there. Without grace: what was made just before is someone else's. A time that is written in
 * whole seconds proves its second.
 */
function isProvenNew(key: ApiKey, { since }: LostCreate): boolean {
    const made = timeOf(key.createTime);
    const unit = key.createTime?.includes(".") ? 1 : 1000;
    return since !== undefined && made !== undefined && made >= Math.floor(since / unit) * unit;
}

/** What becomes of the candidates: the one is taken over, or why none is touched. */
export type Verdict = { readonly take: ApiKey } | { readonly untouched: string };

/**
 * Judges the candidates of a lost create.
 *
 * @param found - One or more.
 * @param isDefaultName - Whether the name can only be this stack's.
 * @param lostOfName - How many creates of the name were lost, this one included.
 */
export function judge(lost: LostCreate, found: readonly ApiKey[], isDefaultName: boolean, lostOfName: number): Verdict {
    const [key, ...more] = found;
    if (key === undefined || more.length > 0) {
        return { untouched: "which of them it is cannot be told" };
    }
    if (!isDefaultName) {
        return { untouched: "the program gave the name, so that the key may be someone else's" };
    }
    if (lostOfName > 1) {
        return { untouched: `${lostOfName} creates of this name were lost, so that it may be another one's` };
    }
    return isProvenNew(key, lost) ? { take: key } : { untouched: "whether it was made since cannot be told" };
}

/** How often a search lists again that has found nothing: the server may act late. */
export const MAX_SEARCHES = 6;
/** The first pause, in milliseconds; each further one is twice as long. */
export const FIRST_SEARCH_PAUSE = 250;

/**
 * The pause before the next listing, in milliseconds; `undefined` when enough was searched.
 *
 * @param searches - How often it was searched, 1 or more.
 * @param left - What is left of the time, in milliseconds.
 */
export function nextSearch(searches: number, left: number): number | undefined {
    const pause = FIRST_SEARCH_PAUSE * 2 ** (searches - 1);
    return searches < MAX_SEARCHES && pause < left ? pause : undefined;
}

/** What to tell whoever has to look at the candidates. */
export function describeCandidates(found: readonly ApiKey[], untouched: string): string {
    const ids = found.map((key) => key.apiKeyId).join(", ");
    return found.length === 1
        ? `API key ${ids} may be what it made: it has the same name and settings, and was created at about that time. It was not touched, for ${untouched}. Look at it in the xAI Console: where nobody uses it, delete it. Then run again.`
        : `One of the API keys ${ids} may be what it made: they have the same name and settings, and were created at about that time. None was touched, for ${untouched}. Look at them in the xAI Console, delete what nobody uses, and run again.`;
}

/** What to tell of keys of the same name and other settings. */
export function describeNamesakes(ids: readonly string[]): string {
    const [which, it] =
        ids.length === 1 ? [`API key ${ids[0]} has`, "it"] : [`API keys ${ids.join(", ")} have`, "one of them"];
    return `${which} the same name, but not these settings in any form that is known here: ${it} may be what it made. Nothing was touched. Look in the xAI Console, delete what nobody uses, and run again.`;
}

/** What to tell where nothing was found. */
export const NOTHING_FOUND =
    "No key with this name and these settings has appeared in the team so far: run again. Should one appear later, delete it in the xAI Console.";
