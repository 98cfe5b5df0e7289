import { adoptionArguments } from "./adoption.js";
import { AuthenticationError, ManagementApiError } from "./api/errors.js";
import { type CheckFailure, isStoredAcl, sameJson, validateInputs } from "./apiKeyInputs.js";
import type { Properties, Surroundings } from "./apiKeyLifecycle.js";
import { namesSomething, unknownAcl } from "./catalogue.js";
import { withoutConfiguredTeam } from "./configuredTeam.js";
import { DEFAULT_NAME } from "./defaultName.js";
import { expiryWarning, lateExpiryWarning } from "./expiry.js";
import { checkAdoption } from "./keyAdoption.js";
import { validateRotation } from "./rotationInputs.js";
import { withSchedule } from "./rotationSchedule.js";
import type { Session } from "./session.js";
import { SettingsError } from "./settings.js";
import { isUnknown } from "./unknown.js";

/**
 * The check of a key's arguments: against their forms and the clock (pure, in `apiKeyInputs.ts`), and against what the
 * team has, as far as that can be asked for.
 */

/** Holds a program's arguments against their forms, the clock, and what the team has. Writes nothing. */
export async function check(
    { session }: Surroundings,
    olds: Properties,
    given: Properties,
    now: number,
): Promise<{ inputs: Properties; failures: readonly CheckFailure[] }> {
    const { [DEFAULT_NAME]: defaultName, ...arguments_ } = given;
    const news = withoutHandedBack(olds, withoutConfiguredTeam(arguments_));
    session.claims.checked(olds["name"], news["name"], defaultName);
    const validations = [validateInputs(olds, news, now), validateRotation(olds, news), adoptionArguments(olds, news)];
    const failures = validations.flatMap((validation) => validation.failures);
    for (const warning of validations.flatMap((validation) => validation.warnings)) {
        session.warnOnce(warning);
    }
    let inputs: Properties;
    try {
        inputs = withSchedule(olds, await withTeam(session, olds, news), now);
    } catch (error) {
        if (error instanceof AuthenticationError) {
            return { inputs: news, failures: [...failures, { property: "", reason: error.message }] };
        }
        throw error;
    }
    if (Object.keys(olds).length > 0) {
        // Another name may be a secret.
        const key = defaultName !== undefined && news["name"] === defaultName ? `API key "${defaultName}"` : "API key";
        for (const warning of [expiryWarning(inputs, key, now), lateExpiryWarning(inputs, key, now)]) {
            if (warning !== undefined) {
                session.warnOnce(warning);
            }
        }
    }
    const teamId = inputs["teamId"];
    const refused = [...failures, ...(await unknownAcls(session, olds, news, teamId))];
    const all = [...refused, ...(await checkAdoption(session, olds, inputs, refused.length === 0))];
    const who = defaultName ?? news["name"];
    // Any other name is refused, and nothing that has it is compared.
    session.claims.adoptions.checked(typeof who === "string" ? who : "", Object.keys(olds).length === 0, inputs);
    return { inputs, failures: all };
}

/** The arguments without the record of rotations: a resource option such as `ignoreChanges` may hand back the stored one. */
function withoutHandedBack(olds: Properties, news: Properties): Properties {
    const { schedule, ...rest } = news;
    return schedule !== undefined && sameJson(schedule, olds["schedule"]) ? rest : news;
}

/**
 * Fills in the team. At creation it comes from wherever it is known; afterwards only the program and `xai:teamId` may
 * move a key, so that an environment that says otherwise changes nothing.
 */
async function withTeam(session: Session, olds: Properties, news: Properties): Promise<Properties> {
    const { configuredTeamId, environmentTeamId, credentials } = session.settings;
    const given = news["teamId"] ?? configuredTeamId;
    if (given !== undefined) {
        return { ...news, teamId: given };
    }
    const { teamId: _, ...rest } = news;
    const isNew = Object.keys(olds).length === 0;
    if (isNew) {
        if (environmentTeamId === undefined && credentials.length === 0) {
            return rest;
        }
        // Whoever cannot be asked now is asked again by create, and then it is an error.
        const teamId = await session.teamForCheck().catch((error: unknown) => {
            if (error instanceof AuthenticationError) {
                throw error;
            }
            return undefined;
        });
        return teamId === undefined ? rest : { ...rest, teamId };
    }
    const stored = olds["teamId"];
    if (typeof stored !== "string") {
        return rest;
    }
    if (environmentTeamId !== undefined && environmentTeamId !== stored && !isUnknown(stored)) {
        session.warnOnce(
            `XAI_TEAM_ID says team ${environmentTeamId}, but keys of this stack are in team ${stored} and stay there. To move them set \`xai:teamId\` or the argument \`teamId\`, which replaces them.`,
        );
    }
    return { ...rest, teamId: stored };
}

/** Holds the permissions against the team's models and endpoints, as far as they can be asked for. */
async function unknownAcls(
    session: Session,
    olds: Properties,
    news: Properties,
    teamId: unknown,
): Promise<readonly CheckFailure[]> {
    const acls = Array.isArray(news["acls"]) ? news["acls"].filter(namesSomething) : [];
    if (session.settings.validateAcls === "off" || acls.length === 0) {
        return [];
    }
    if (session.settings.credentials.length === 0) {
        session.warnOnce(
            "The keys' ACLs were not held against the team's models and endpoints: no management key is set.",
        );
        return [];
    }
    if (isUnknown(teamId)) {
        return [];
    }
    const failures: CheckFailure[] = [];
    try {
        const catalogue = await session.catalogue(typeof teamId === "string" ? teamId : await session.teamForCheck());
        for (const acl of acls) {
            const reason = unknownAcl(acl, catalogue);
            if (reason === undefined) {
                continue;
            }
            if (session.settings.validateAcls === "warn" || isStoredAcl(olds, acl)) {
                session.warnOnce(`\`acls\` of an API key: ${reason}`);
            } else {
                failures.push({ property: "acls", reason });
            }
        }
    } catch (error) {
        if (error instanceof AuthenticationError) {
            return [{ property: "", reason: error.message }];
        }
        if (!(error instanceof ManagementApiError) && !(error instanceof SettingsError)) {
            throw error;
        }
        session.warnOnce(`The keys' ACLs were not held against the team's models and endpoints. ${error.message}`);
    }
    return failures;
}
