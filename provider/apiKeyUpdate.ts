import { type ApiKey, type UpdateApiKeyObject, type UpdateRoute, updateApiKey } from "./api/apiKeys.js";
import { NotFoundError, RefusedError, UnsupportedRouteError, XaiError } from "./api/errors.js";
import { type Fields, fieldMask, hasTwoSpellings, type MaskSpelling, notApplied } from "./apiKeyDiff.js";
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
 * Sends the update and makes sure that it was applied.
 *
 * @returns The key as the API answered it last.
 * @throws {@link UpdateNotAppliedError}, or what the API refuses with.
 */
export async function sendUpdate(session: Session, update: Update): Promise<ApiKey> {
    const spellings = spellingsToTry(session.updateDialect.spelling, update.fields);
    let fields = update.fields;
    let refused: RefusedError | undefined;
    for (const spelling of spellings) {
        let answer: ApiKey;
        try {
            answer = await onSomeRoute(session, update.object, fieldMask(fields, spelling));
        } catch (error) {
            if (!(error instanceof RefusedError) || !hasTwoSpellings(fields)) {
                throw error;
            }
            // Either the spelling or the value is refused: the other spelling tells.
            refused = firstOrTelling(refused, error);
            continue;
        }
        const left = await undone(session, update, fields, answer);
        if (hasTwoSpellings(fields) && !hasTwoSpellings(left)) {
            session.updateDialect.spelling = spelling;
        }
        if (left.length === 0) {
            return answer;
        }
        refused = undefined;
        fields = left;
        if (!hasTwoSpellings(left)) {
            break;
        }
    }
    throw refused ?? new UpdateNotAppliedError(update.object.apiKeyId, fields);
}

function spellingsToTry(known: MaskSpelling | undefined, fields: readonly Field[]): readonly MaskSpelling[] {
    if (known !== undefined) {
        return [known];
    }
    return hasTwoSpellings(fields) ? ["camel", "snake"] : ["camel"];
}

/** Of the two refusals the one that does not speak of the mask: it says what is wrong with the value. */
function firstOrTelling(first: RefusedError | undefined, second: RefusedError): RefusedError {
    const speaksOfMask = (error: RefusedError) => /mask|acl_?strings|expire_?time/i.test(error.what);
    return first !== undefined && (speaksOfMask(second) || !speaksOfMask(first)) ? first : second;
}

/**
 * Sends on the route that this server has. The first update of a process finds it out; updates at the same time wait
 * for it, so that a missing route is met once.
 */
async function onSomeRoute(session: Session, object: UpdateApiKeyObject, mask: readonly string[]): Promise<ApiKey> {
    const dialect = session.updateDialect;
    const send = (route: UpdateRoute) => updateApiKey(session.http, route, object, mask);
    while (dialect.route === undefined && dialect.discovery !== undefined) {
        await dialect.discovery;
    }
    if (dialect.route !== undefined) {
        return send(dialect.route);
    }
    const attempt = discoverRoute(dialect, send);
    const settled = attempt.then(
        () => undefined,
        () => undefined,
    );
    dialect.discovery = settled.then(() => {
        delete dialect.discovery;
    });
    return attempt;
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

/** What an answer leaves undone. The team's models are only asked for where an alias could explain it. */
async function undone(
    session: Session,
    update: Update,
    fields: readonly Field[],
    answer: ApiKey,
): Promise<readonly Field[]> {
    const left = notApplied(fields, update.before, answer, update.news, new Map());
    if (!left.includes("acls")) {
        return left;
    }
    const names = await session.catalogue(update.object.teamId).then(
        (catalogue) => catalogue.modelNames,
        () => new Map<string, string>(),
    );
    return notApplied(left, update.before, answer, update.news, names);
}
