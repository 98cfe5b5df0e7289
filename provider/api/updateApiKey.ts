import { isDeepStrictEqual } from "node:util";
import { FIELDS, type Field, HELD_FIELDS } from "../fields.js";
import { type ApiKey, apiKeySchema, type KeyRef, label } from "./apiKeys.js";
import { isMissingRoute, NotFoundError, RefusedError, XaiError } from "./errors.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

/**
 * One masked update, whichever of the published dialects the server speaks. There are two routes (the Guide's for the
 * team, the Reference's for the key) and two spellings of the mask (`aclStrings`, `acl_strings`).
 */

type Route = "guide" | "reference";
type Spelling = "camel" | "snake";

/** What is known of the server's dialect. One for each process: the first update finds it out, the others wait for it. */
export class UpdateDialect {
    route: Route | undefined;
    spelling: Spelling | undefined;
    /** Settles when the update that finds the dialect out has ended. */
    discovery: Promise<void> | undefined;
}

/** One update of a key. */
export interface ApiKeyUpdate {
    readonly key: KeyRef & { readonly teamId: string };
    /** The key object as the API holds it, by the API's names; without the secret and without `disabled`. */
    readonly stored: Readonly<Record<string, unknown>>;
    /** The new values as requests send them; null clears a field. The mask names exactly these fields. */
    readonly changes: Readonly<Partial<Record<Field, unknown>>>;
    /** The changed fields that an answer does not show. */
    readonly notApplied: (answer: ApiKey) => Promise<readonly Field[]>;
}

/** The API answered an update with success, but did not make the change. */
export class UpdateNotAppliedError extends XaiError {
    constructor(
        key: KeyRef,
        /** The fields that the answer does not show as asked. */
        readonly fields: readonly Field[],
        readonly answer: ApiKey,
    ) {
        const held = fields.map((field) => `\`${field}\` (it holds ${JSON.stringify(answer[field])})`).join(", ");
        super(
            `The API accepted the update of ${label(key)}, but did not apply ${held}. Check the key in the xAI Console, and run again.`,
        );
    }
}

/**
 * Updates a key, and makes sure that the change is made.
 *
 * @returns The key as the API answered it.
 * @throws {@link UpdateNotAppliedError}, or the API's refusal.
 */
export async function updateApiKey(http: Http, dialect: UpdateDialect, update: ApiKeyUpdate): Promise<ApiKey> {
    const needsSpelling = fieldsOf(update).some(hasTwoSpellings);
    const isKnown = () => dialect.route !== undefined && (!needsSpelling || dialect.spelling !== undefined);
    // One update may find out the route, and another one the spelling. Some servers never show the spelling.
    for (let waits = 0; waits < 2 && !isKnown() && dialect.discovery !== undefined; waits += 1) {
        await dialect.discovery;
    }
    const sent = inSomeSpelling(http, dialect, update, needsSpelling);
    if (!isKnown()) {
        const end = () => {
            dialect.discovery = undefined;
        };
        dialect.discovery = sent.then(end, end);
    }
    return sent;
}

async function inSomeSpelling(
    http: Http,
    dialect: UpdateDialect,
    update: ApiKeyUpdate,
    needsSpelling: boolean,
): Promise<ApiKey> {
    const spellings: Spelling[] = needsSpelling ? ["camel", "snake"] : ["camel"];
    let refusal: RefusedError | undefined;
    let ignored: UpdateNotAppliedError | undefined;
    for (const spelling of dialect.spelling === undefined ? spellings : [dialect.spelling]) {
        try {
            const answer = await onSomeRoute(http, dialect, update, spelling);
            const left = await update.notApplied(answer);
            if (left.length === 0) {
                if (showsSpelling(update, answer)) {
                    dialect.spelling = spelling;
                }
                return answer;
            }
            ignored = new UpdateNotAppliedError(update.key, left, answer);
            if (!left.some(hasTwoSpellings)) {
                break;
            }
        } catch (error) {
            if (!(error instanceof RefusedError)) {
                throw error;
            }
            // The API refuses the spelling or the value; the other spelling tells which.
            const isTelling = refusal === undefined || (speaksOfMask(refusal) && !speaksOfMask(error));
            refusal = isTelling ? error : refusal;
        }
    }
    throw ignored ?? refusal;
}

/** Sends on the route that the server has. A 404 that speaks of the key is about the key, and not about the route. */
async function onSomeRoute(http: Http, dialect: UpdateDialect, update: ApiKeyUpdate, spelling: Spelling) {
    const isElsewhere = (error: unknown) =>
        isMissingRoute(error) && !(error instanceof NotFoundError && error.speaksOfKey(update.key.apiKeyId));
    const send = async (route: Route) => {
        try {
            const answer = await put(http, route, update, spelling);
            dialect.route = route;
            return answer;
        } catch (error) {
            if (error instanceof RefusedError) {
                dialect.route = route;
            }
            throw error;
        }
    };
    if (dialect.route !== undefined) {
        return send(dialect.route);
    }
    try {
        return await send("guide");
    } catch (first) {
        if (!isElsewhere(first)) {
            throw first;
        }
        return send("reference").catch((second: unknown) => {
            throw isElsewhere(second) ? first : second;
        });
    }
}

async function put(http: Http, route: Route, update: ApiKeyUpdate, spelling: Spelling): Promise<ApiKey> {
    const { key, stored, changes } = update;
    const fields = fieldsOf(update);
    const changed = Object.fromEntries(fields.map((field) => [HELD_FIELDS[field].updateName, changes[field]]));
    return http.send({
        action: { endpoint: "UpdateApiKey", description: `update ${fields.join(", ")} of ${label(key)}` },
        method: "PUT",
        path: route === "guide" ? path`/auth/teams/${key.teamId}/api-keys` : path`/auth/api-keys/${key.apiKeyId}`,
        body: {
            apiKey: route === "guide" ? { ...stored, ...changed } : changed,
            fieldMask: fields
                .map((field) => HELD_FIELDS[field][spelling === "camel" ? "updateName" : "snakeName"])
                .join(","),
        },
        answer: apiKeySchema,
        repeatable: true,
    });
}

function fieldsOf({ changes }: ApiKeyUpdate): readonly Field[] {
    return FIELDS.filter((field) => changes[field] !== undefined);
}

function hasTwoSpellings(field: Field): boolean {
    const { updateName, snakeName } = HELD_FIELDS[field];
    return updateName !== snakeName;
}

/** Whether an answer shows that the server understood the mask: a field with two spellings has another value than before. */
function showsSpelling(update: ApiKeyUpdate, answer: ApiKey): boolean {
    return fieldsOf(update)
        .filter(hasTwoSpellings)
        .some((field) => {
            const { canonical = (value: unknown) => value, updateName } = HELD_FIELDS[field];
            const before = update.stored[updateName] ?? null;
            return !isDeepStrictEqual(canonical(answer[field]), canonical(before));
        });
}

/** Such a refusal says little about the value that is wrong. */
function speaksOfMask(error: RefusedError): boolean {
    return /mask|acl_?strings|expire_?time/i.test(error.what);
}
