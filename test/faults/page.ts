import { KINDS, type KindName } from "./kinds.js";
import { STAGES, type StageName } from "./stages.js";
import { keysOf, stagesOf, TABLE } from "./table.js";

const HEAD = `# Faults

What the provider does where a request to the Management API fails. \`npm run docs:faults\` writes this page from the table of
the tests, which play every line of it.

One request of the stage fails. "Always" says what happens where every such request of the operation fails. These rules hold at every
stage:

- An operation that fails ends with one error. It names the key, or the team where all keys are listed, what was to be done, and
  what the API answered.
- When the fault is over, \`pulumi up\` brings the stack to exactly one key, and the stack has its secret. After a failed
  \`refresh\` or \`destroy\`, run that again.
- No create that may have acted is sent again. A rotation whose answer is lost is sent once more.
- No message holds a secret.

The stages: the **check** looks up models and endpoints. A **create** lists the team's keys, sends one POST, and waits for
propagation. A **delete** or a **refresh** of a key that the API no longer has needs the API's proof that it is gone. An
**adoption** lists the keys, and sends one POST for a new secret.
`;

/** The page of faults: one section for each kind. */
export function faultPage(): string {
    return [HEAD, ...keysOf(KINDS).map((kind) => `## ${KINDS[kind].title}\n\n${linesOf(kind).join("")}`)].join("\n");
}

/** One line for all stages at which a fault comes to the same. */
function linesOf(kind: KindName): readonly string[] {
    const stages = new Map<string, string[]>();
    for (const [names, once, always] of TABLE[kind]) {
        const outcome = always === undefined ? once : `${once}; always: ${always}`;
        const others = TABLE[kind].length === 1 ? "every stage" : "every other stage";
        stages.set(outcome, [...(stages.get(outcome) ?? []), ...(names === "others" ? [others] : names.map(titleOf))]);
    }
    const missing = keysOf(STAGES).filter((stage) => !stagesOf(kind).includes(stage));
    return [
        ...[...stages].map(([outcome, titles]) => `- **${titles.join(", ")}**: ${outcome}\n`),
        ...missing.map((stage) => `- **${titleOf(stage)}**: not played\n`),
    ];
}

function titleOf(stage: StageName): string {
    return STAGES[stage].title;
}
