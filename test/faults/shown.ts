import { OUTCOMES, type Outcome, type OutcomeName } from "./outcomes.js";
import { SCENES, type Scene, type SceneName } from "./scenes.js";
import { isHeldBack, TABLE } from "./table.js";
import type { Trouble } from "./troubles.js";

/** The words of a cell: those of its outcome around those of its trouble. */

/** What is shown in a cell, with words in braces for what differs from case to case. */
export interface Shown {
    /** What the operation ends with; `undefined` where it says nothing. */
    readonly says: string | undefined;
    /** What the check has warned of before. */
    readonly warns: string | undefined;
}

/** The words of a cell. */
export function shown(scene: SceneName, trouble: Trouble, name: OutcomeName): Shown {
    const { says, warns }: Outcome = OUTCOMES[name];
    const last = isHeldBack(scene, trouble) ? HELD_BACK : trouble;
    return {
        says: filledIn(says, scene, trouble, said(scene, trouble, name, last)),
        warns: filledIn(warns, scene, trouble, said(scene, trouble, name, trouble)),
    };
}

function filledIn(template: string | undefined, scene: SceneName, { what }: Trouble, said: string): string | undefined {
    const { endpoint, field = "" }: Scene = SCENES[scene];
    return template
        ?.replace("{said}", said)
        .replace("{what}", what)
        .replace("{field}", field)
        .replace("{endpoint}", endpoint);
}

/** What the request itself ended with. */
function said(
    scene: SceneName,
    trouble: Trouble,
    name: OutcomeName,
    { what, hint }: Pick<Trouble, "what" | "hint">,
): string {
    if (name === "asked again" && TABLE[trouble.kind][scene] === "no team") {
        return OUTCOMES["no team"].says;
    }
    const { says } = SCENES[scene];
    if (trouble.kind === "too fast" && name === "waits") {
        // The last check was refused, or not sent any more.
        return `${says}: the API {said}. ${trouble.hint}`;
    }
    return `${says}: ${what}. ${hint}`;
}

/** What a request says that is held back because another one was told to wait too long. */
const HELD_BACK = {
    what: "the API asked for a pause that leaves nothing of the {time} it may take, so it was not sent",
    hint: "The rate limit held out over all retries: lower `xai:maxConcurrency`, or raise `xai:maxRetries` and `xai:operationTimeout`. The limits are `xai:requestTimeout` ({time} an attempt) and `xai:operationTimeout` ({time} over all{here}).",
};
