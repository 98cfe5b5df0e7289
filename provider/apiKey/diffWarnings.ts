import { label } from "../api/apiKeys.js";
import type { ArgumentName } from "../fields.js";
import type { Settings } from "../team/settings.js";
import { hasUnknown, isUnknown } from "../unknown.js";
import type { Properties } from "./context.js";
import type { KeyState } from "./state.js";

/** What a diff warns of, from the state, the arguments and the settings. Pure. */

/** The settings that name a team. */
export type TeamSettings = Pick<Settings, "configuredTeamId" | "environmentTeamId">;

/**
 * The warnings of a diff.
 *
 * @param found - The arguments that differ, and whether a rotation is due.
 */
export function diffWarnings(
    state: KeyState,
    news: Properties,
    { changed, rotates }: { readonly changed: readonly ArgumentName[]; readonly rotates: boolean },
    settings: TeamSettings | undefined,
): readonly string[] {
    const warnings: string[] = [];
    const key = label(state);
    const { disabled } = news;
    const isOurs = disabled === false && state.applied?.["disabled"] === true;
    if (state.disabled && !isUnknown(disabled) && disabled !== true && !isOurs) {
        warnings.push(
            disabled === false && rotates
                ? `${key} is switched off. It gets a new secret, and \`disabled: false\` then switches it on.`
                : disabledWarning(state, disabled),
        );
    }
    if (changed.includes("teamId") && hasUnknown(news["teamId"])) {
        warnings.push(`The team of ${key} is not known yet. If it is another one than now, the run makes a new key.`);
    }
    const named = settings?.configuredTeamId ?? settings?.environmentTeamId;
    if (named !== undefined && (news["teamId"] ?? null) === null && named !== state.teamId) {
        const source = settings?.configuredTeamId === undefined ? "XAI_TEAM_ID" : "`xai:teamId`";
        warnings.push(
            `${key} stays in team ${state.teamId}, although ${source} names team ${named}. Set the argument \`teamId\` to make a new key there in its place.`,
        );
    }
    const { existingSecret } = news;
    if (state.apiKey === undefined && state.pending === undefined && (existingSecret ?? null) === null) {
        warnings.push(
            `The stack does not hold the secret of ${key}, so that the output \`apiKey\` has no value. Give its secret (\`existingSecret: config.requireSecret("…")\`), or a new one: set \`rotation.triggers\`, run \`pulumi up\`, then change a value in it and run \`pulumi up\` again.`,
        );
    }
    if (
        typeof existingSecret === "string" &&
        !isUnknown(existingSecret) &&
        state.apiKey !== undefined &&
        state.rotatedAt === undefined &&
        existingSecret !== state.apiKey
    ) {
        warnings.push(
            `\`existingSecret\` of ${key} is not the secret that the stack holds. It is read only when a key is adopted, and changes nothing now.`,
        );
    }
    return warnings;
}

/**
 * What to do about a key that is off although the program does not say so.
 *
 * @param disabled - The program's argument: only an explicit `false` switches the key on.
 */
export function disabledWarning(key: Pick<KeyState, "apiKeyId" | "name">, disabled: unknown): string {
    const leaked =
        'xAI switches off keys that it finds leaked. If that may be so, first rotate it: change a value in `rotation.triggers` with `overlap: "0s"`.';
    return disabled === false
        ? `${label(key)} is switched off, and \`disabled: false\` switches it on. ${leaked} An \`up\` rotates before it switches the key on.`
        : `${label(key)} is switched off, and stays off. ${leaked} Then set \`disabled: false\` to switch it on.`;
}
