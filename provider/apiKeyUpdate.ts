import { type ApiKey, type UpdateApiKeyObject, type UpdateRoute, updateApiKey } from "./api/apiKeys.js";
import { NotFoundError, RefusedError, UnsupportedRouteError, XaiError } from "./api/errors.js";
import {
    type Fields,
    fieldMask,
    hasTwoSpellings,
    isApplied,
    type MaskSpellings,
    notApplied,
    sameValue,
    spellingsToTry,
} from "./apiKeyDiff.js";
import type { Field } from "./apiKeyState.js";
import type { Session, UpdateDialect } from "./session.js";

/**
 * One masked update, whichever of the published dialects the server speaks: two routes, two spellings of the mask. What
 * was found out is remembered in the session.
 */

/** The API answered with success, but a field still has its old value. */
export class UpdateNotAppliedError extends XaiError {
    constructor(apiKeyId: string, fields: readonly Field[]) {
        super(
            `The API took the update of API key ${apiKeyId}, but ${fields.map((field) => `\`${field}\``).join(", ")} still ${fields.length === 1 ? "has its" : "have their"} old value. The API refuses the change in silence: check it in the xAI Console, and run again.`,
        );
    }
}

/** One update: the whole key object, and which of its fields change. */
export interface Update {
    readonly object: UpdateApiKeyObject;
    readonly fields: readonly Field[];
    /** What the API held before. */
    readonly before: Fields;
    /** What the program gives. */
    readonly news: Fields;
}

/**
 * Sends the update and makes sure that it was applied. The first update of a process that does not know yet how this
 * server takes it finds that out; updates at the same time wait for it, so that a wrong guess is made once.
 *
 * @returns The key as the API answered it last.
 * @throws {@link UpdateNotAppliedError}, or what the API refuses with.
 */
export async function sendUpdate(session: Session, update: Update): Promise<ApiKey> {
    const dialect = session.updateDialect;
    const unsure = () =>
        dialect.route === undefined ||
        update.fields.some((field) => hasTwoSpellings([field]) && dialect.spellings[field] === undefined);
    while (unsure() && dialect.discovery !== undefined) {
        await dialect.discovery;
    }
    const attempt = sendInSomeSpelling(session, update);
    if (unsure()) {
        const settled = attempt.then(
            () => undefined,
            () => undefined,
        );
        dialect.discovery = settled.then(() => {
            delete dialect.discovery;
        });
    }
    return attempt;
}

async function sendInSomeSpelling(session: Session, update: Update): Promise<ApiKey> {
    const dialect = session.updateDialect;
    const tried = new Set<string>();
    let fields = update.fields;
    let refused: RefusedError | undefined;
    let accepted: { readonly answer: ApiKey; readonly spellings: MaskSpellings } | undefined;
    for (const spellings of spellingsToTry(fields, dialect.spellings)) {
        const mask = fieldMask(fields, { ...spellings, ...dialect.spellings });
        if (tried.has(mask.join())) {
            continue;
        }
        tried.add(mask.join());
        let answer: ApiKey;
        try {
            answer = await onSomeRoute(session, update.object, mask);
        } catch (error) {
            if (!(error instanceof RefusedError) || !hasTwoSpellings(fields)) {
                throw error;
            }
            if (accepted !== undefined) {
                // Who refuses this spelling had understood the other.
                dialect.spellings = { ...pick(accepted.spellings, fields), ...dialect.spellings };
                return accepted.answer;
            }
            // Either the spelling or the value is refused: another spelling tells.
            refused = firstOrTelling(refused, error);
            continue;
        }
        refused = undefined;
        const { left, unproven, proven } = await outcome(session, update, fields, answer);
        dialect.spellings = { ...dialect.spellings, ...pick(spellings, proven) };
        const open = unproven.filter((field) => dialect.spellings[field] === undefined);
        if (left.length === 0 && open.length === 0) {
            return answer;
        }
        accepted = left.length === 0 ? { answer, spellings } : undefined;
        fields = [...new Set([...left, ...open])];
        if (!hasTwoSpellings(fields)) {
            break;
        }
    }
    if (accepted !== undefined) {
        return accepted.answer;
    }
    throw refused ?? new UpdateNotAppliedError(update.object.apiKeyId, fields);
}

/** The spellings of some fields; `camel` counts as said. */
function pick(spellings: MaskSpellings, fields: readonly Field[]): MaskSpellings {
    return Object.fromEntries(
        fields.filter((field) => hasTwoSpellings([field])).map((field) => [field, spellings[field] ?? "camel"]),
    );
}

/** Of two refusals the one that does not speak of the mask: it says what is wrong with the value. */
function firstOrTelling(first: RefusedError | undefined, second: RefusedError): RefusedError {
    const speaksOfMask = (error: RefusedError) => /mask|acl_?strings|expire_?time/i.test(error.what);
    return first !== undefined && (speaksOfMask(second) || !speaksOfMask(first)) ? first : second;
}

/** Sends on the route that this server has, and finds it out where it is not known. */
async function onSomeRoute(session: Session, object: UpdateApiKeyObject, mask: readonly string[]): Promise<ApiKey> {
    const dialect = session.updateDialect;
    const send = (route: UpdateRoute) => updateApiKey(session.http, route, object, mask);
    return dialect.route === undefined ? discoverRoute(dialect, send) : send(dialect.route);
}

async function discoverRoute(dialect: UpdateDialect, send: (route: UpdateRoute) => Promise<ApiKey>): Promise<ApiKey> {
    try {
        return await sendAndRemember(dialect, "guide", send);
    } catch (error) {
        if (error instanceof NotFoundError || error instanceof UnsupportedRouteError) {
            return sendAndRemember(dialect, "reference", send);
        }
        throw error;
    }
}

async function sendAndRemember(
    dialect: UpdateDialect,
    route: UpdateRoute,
    send: (route: UpdateRoute) => Promise<ApiKey>,
): Promise<ApiKey> {
    try {
        const answer = await send(route);
        dialect.route = route;
        return answer;
    } catch (error) {
        if (error instanceof RefusedError) {
            // Who refuses the content of a request has the route.
            dialect.route = route;
        }
        throw error;
    }
}

/** What an answer shows of an update. */
interface Outcome {
    /** The fields that were certainly not changed. */
    readonly left: readonly Field[];
    /** The fields with two spellings that hold neither what was given nor what that is known to become. */
    readonly unproven: readonly Field[];
    /** The fields with two spellings that visibly became what was given: the mask spells them right. */
    readonly proven: readonly Field[];
}

/** Reads an answer. */
async function outcome(session: Session, update: Update, fields: readonly Field[], answer: ApiKey): Promise<Outcome> {
    const { before, news } = update;
    const aliased = fields.includes("acls") && !sameValue("acls", answer.acls, news.acls);
    const names = await modelNames(session, update.object.teamId, aliased);
    const twofold = fields.filter((field) => hasTwoSpellings([field]));
    const shown = twofold.filter((field) => isApplied(field, answer, news, names));
    return {
        left: notApplied(fields, before, answer, news, names),
        unproven: twofold.filter((field) => !shown.includes(field)),
        proven: shown.filter((field) => !sameValue(field, answer[field], before[field])),
    };
}

/**
 * The team's models and their aliases, asked for where permissions differ in what an alias could explain. None elsewhere,
 * nor where they cannot be asked for.
 */
export async function modelNames(
    session: Session,
    teamId: string,
    couldExplain: boolean,
): Promise<ReadonlyMap<string, string>> {
    const catalogue = couldExplain ? await session.catalogue(teamId).catch(() => undefined) : undefined;
    return catalogue?.modelNames ?? new Map();
}
