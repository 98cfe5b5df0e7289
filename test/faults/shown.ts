import { OUTCOMES, type Outcome, type OutcomeName } from "./outcomes.js";
import { SCENES, type SceneName } from "./scenes.js";
import { TABLE } from "./table.js";
import type { Trouble } from "./troubles.js";

/** The words of a cell: those of its outcome around those of its trouble. */

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
