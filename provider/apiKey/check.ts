import { setTimeout as sleep } from "node:timers/promises";
import { AuthenticationError, XaiError } from "../api/errors.js";
import { UnusableIdError } from "../api/path.js";
import { formatDuration } from "../duration.js";
import { ID } from "../fields.js";
import type { Account } from "../team/account.js";
import { namesOne, unknownAcl } from "../team/catalogue.js";
import { hasUnknown, isUnknown } from "../unknown.js";
import { describeAdoption, findAdoptable } from "./adopt.js";
import type { OperationContext, Properties } from "./context.js";
import { KeyGoneError } from "./existence.js";
import { expiryWarning } from "./expiry.js";
import { firstState } from "./firstState.js";
import { APPLIED, argumentsIn, ROTATION_DUE, ROTATION_RECORD, recordIn } from "./inputs.js";
import { AdoptionError } from "./registry.js";
import { countRotations } from "./rotation.js";
import { requireItsSecret } from "./secret.js";
import type { KeyState } from "./state.js";
import { missingKindWarning, type Violation, validate } from "./validate.js";

/** Something wrong with one argument, as a host reports it. An empty property keeps the engine from showing its value. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

/** What a check gets. */
export interface CheckRequest {
    /** The inputs of the last run; `{}` at first. */
    readonly olds: Properties;
    /** The inputs as the program gives them now. */
    readonly news: Properties;
    /** The name of a key that the program gives none. */
    readonly defaultName?: string | undefined;
    /** What tells the resource from others in each of its checks. Default: `defaultName`, else the key's name, which may change. */
    readonly resource?: string;
    /** In milliseconds since 1970. */
    readonly now: number;
}

/**
 * Checks a program's arguments against their forms, the clock and what the team has, and counts the rotations that are due.
 * Writes nothing. Without a management key, or where the API cannot be asked, the checks that need it are left out with a
 * warning.
 */
export async function check(
    context: OperationContext,
    { olds: oldInputs, news: newInputs, defaultName, resource = defaultName, now }: CheckRequest,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
    const { registry, warn } = context;
    const olds = argumentsIn(oldInputs);
    const news = withName(argumentsIn(newInputs), defaultName);
    const isNew = Object.keys(olds).length === 0;
    const key = nameOf(news) === "" ? "An API key whose name is not known yet" : `API key "${nameOf(news)}"`;
    const isDefault = defaultName !== undefined && news["name"] === defaultName;
    registry.checked({ oldName: olds["name"], name: nameOf(news), isDefault });

    const violations = validate(olds, news, now);
    for (const { property, reason, isStored } of violations) {
        if (isStored) {
            warn(`\`${property}\` of ${key}, unchanged in the stack: ${reason}`);
        }
    }
    const refused = violations.filter(({ isStored }) => !isStored).map(asFailure);
    const inputs = { ...news, ...keptInputs(oldInputs, newInputs, olds, news, now) };
    const warnings = [missingKindWarning(key, news["acls"]), isNew ? undefined : expiryWarning(key, inputs, now)];
    for (const warning of warnings.filter((one) => one !== undefined)) {
        warn(warning);
    }
    const unknown = await unknownAcls(context, key, olds, news);
    const failures = [...refused, ...unknown];
    const adopter = resource ?? nameOf(inputs).trim();
    const adoption = await checkAdoption(context, adopter, olds, inputs, failures.length === 0);
    return { inputs, failures: [...failures, ...adoption] };
}

function withName(given: Properties, defaultName: string | undefined): Properties {
    return (given["name"] ?? null) === null && defaultName !== undefined ? { ...given, name: defaultName } : given;
}

/** The name, where it is a known text; else empty. */
function nameOf({ name }: Properties): string {
    return typeof name === "string" && !isUnknown(name) ? name : "";
}

function asFailure({ property, reason, isSecret }: Violation): CheckFailure {
    return isSecret ? { property: "", reason: `\`${property}\`: ${reason}` } : { property, reason };
}

/** The inputs beside the arguments: the mark of the secret output, and what is counted. */
function keptInputs(
    oldInputs: Properties,
    newInputs: Properties,
    olds: Properties,
    news: Properties,
    now: number,
): Properties {
    const mark = APPLIED in newInputs ? { [APPLIED]: newInputs[APPLIED] } : {};
    // No program gives a record: `ignoreChanges: ["*"]` has copied it, and asks for no rotation.
    const { record, due } =
        ROTATION_RECORD in newInputs
            ? { record: newInputs[ROTATION_RECORD], due: newInputs[ROTATION_DUE] }
            : countRotations(recordIn(oldInputs), olds, news, now);
    return { ...mark, [ROTATION_RECORD]: record, ...(due === undefined ? {} : { [ROTATION_DUE]: due }) };
}

/** Compares the permissions with the team's models and endpoints, as far as the API can be asked. */
async function unknownAcls(
    { account, warn }: OperationContext,
    key: string,
    olds: Properties,
    news: Properties,
): Promise<readonly CheckFailure[]> {
    const { validateAcls, credentials } = account.settings;
    const acls = Array.isArray(news["acls"]) ? news["acls"].filter(namesOne) : [];
    const { teamId } = news;
    const isNoTeam = isUnknown(teamId) || (typeof teamId === "string" && !ID.test(teamId));
    if (validateAcls === "off" || acls.length === 0 || isNoTeam) {
        return [];
    }
    if (credentials.length === 0) {
        warn(
            "ACLs were not validated: no management key is configured. Set XAI_MANAGEMENT_KEY to validate them, or `xai:validateAcls` to `off`.",
        );
        return [];
    }
    const stored = Array.isArray(olds["acls"]) ? olds["acls"] : [];
    const failures: CheckFailure[] = [];
    try {
        const team = await teamFor(account, teamId);
        const catalogue = await inTime(account.catalogue(team));
        for (const acl of acls) {
            const reason = unknownAcl(acl, team, catalogue);
            if (reason === undefined) {
                continue;
            }
            if (validateAcls === "warn" || stored.includes(acl)) {
                warn(`\`acls\` of ${key}: ${reason}`);
            } else {
                failures.push({ property: "acls", reason: `${reason} (\`xai:validateAcls: warn\` lets it pass)` });
            }
        }
    } catch (error) {
        return whatPrevents(error, "ACLs were not validated.", warn);
    }
    return failures;
}

/**
 * Notes who adopts which key. For a new resource it looks the key up, and says in a preview what the adoption will do.
 *
 * @param isValid - Whether everything else is right: wrong arguments are not compared with what the API holds.
 */
async function checkAdoption(
    { account, registry, warn }: OperationContext,
    resource: string,
    olds: Properties,
    inputs: Properties,
    isValid: boolean,
): Promise<readonly CheckFailure[]> {
    const isNew = Object.keys(olds).length === 0;
    const ids = [olds["adoptKeyId"], inputs["adoptKeyId"]].filter((id) => typeof id === "string" && !isUnknown(id));
    if (!isNew) {
        for (const id of ids) {
            registry.adopt(String(id), resource);
        }
        return [];
    }
    const [apiKeyId] = ids.map(String);
    if (apiKeyId === undefined) {
        registry.madeAnew(resource);
        return [];
    }
    registry.willAdopt(apiKeyId, nameOf(inputs));
    const { teamId } = inputs;
    if (!isValid || hasUnknown(inputs) || account.settings.credentials.length === 0) {
        return [];
    }
    try {
        const team = await teamFor(account, teamId);
        const state = await inTime(stateToAdopt(account, team, apiKeyId, inputs));
        const { existingSecret } = inputs;
        if (typeof existingSecret === "string") {
            requireItsSecret(state, existingSecret);
        }
        warn(describeAdoption(state, inputs, account.now()));
        return [];
    } catch (error) {
        return whatPrevents(error, `Could not check whether API key ${apiKeyId} can be adopted.`, warn);
    }
}

async function teamFor(account: Account, teamId: unknown): Promise<string> {
    return typeof teamId === "string" ? teamId : inTime(account.team());
}

async function stateToAdopt(account: Account, teamId: string, apiKeyId: string, inputs: Properties): Promise<KeyState> {
    return firstState(account, teamId, await findAdoptable(account, teamId, apiKeyId), inputs);
}

/** How long a check waits for the API, in milliseconds: a preview must not hang on it. */
const PATIENCE = 10_000;

/**
 * Waits for what only a check needs. A later answer still serves the run.
 *
 * @throws XaiError where it does not come in time.
 */
export async function inTime<T>(answer: Promise<T>, limit = PATIENCE): Promise<T> {
    const stop = new AbortController();
    const late = sleep(limit, undefined, { signal: stop.signal }).then(() => {
        throw new XaiError(`The API did not answer within ${formatDuration(limit)}.`);
    });
    try {
        return await Promise.race([answer, late]);
    } finally {
        stop.abort();
    }
}

/** An error that the run would meet as well fails the check. What may pass until then is only warned about. */
function whatPrevents(error: unknown, what: string, warn: (message: string) => void): readonly CheckFailure[] {
    if (!(error instanceof XaiError)) {
        throw error;
    }
    if (
        error instanceof AdoptionError ||
        error instanceof KeyGoneError ||
        error instanceof AuthenticationError ||
        error instanceof UnusableIdError
    ) {
        return [{ property: "", reason: error.message }];
    }
    warn(`${what} ${error.message}`);
    return [];
}
