import { OUTCOMES, type Outcome } from "./outcomes.js";
import { SCENES, type Scene, type SceneName } from "./scenes.js";
import { cells, isMidway } from "./table.js";
import { TROUBLES, type Trouble } from "./troubles.js";

/** `docs/faults.md`, out of the table that the tests play. */

/** Where the page stands, from the project's folder. */
export const PAGE = "docs/faults.md";

const NEXT: Readonly<Record<Outcome["state"], readonly [up: string, refresh: string, destroy: string]>> = {
    "as the program says": ["finds nothing to do", "finds nothing to do", "deletes it"],
    "as before": ["does it", "finds nothing to do", "deletes what the state holds, or switches it off"],
    "the key, with a note that it is waited for": [
        "goes on waiting, and makes no second key",
        "keeps that it is waited for",
        "deletes the key",
    ],
    "the key with its old secret, and a note that it needs a new one": [
        "rotates once more",
        "keeps that a new secret is needed",
        "deletes the key",
    ],
    "the key with its secret, and the settings that it has": [
        "updates it",
        "keeps what is to be updated",
        "deletes the key",
    ],
};

/** The page's text. */
export function faultsPage(): string {
    const names = Object.keys(SCENES) as SceneName[];
    const count = cells(names).length;
    const followers = names.filter(isMidway).map((name) => SCENES[name].title);
    return `# When something goes wrong

<!-- Written by \`npm run docs:faults\` from test/faults/table.ts. The tests play every cell of it. -->

What happens for every operation and every trouble: whether the request is sent again, what is shown, what the state keeps,
and what the next run does. ${count} cells; each is played against the emulator over HTTP, striking once and lasting. When the
trouble is over, \`refresh\` and \`up\` bring everything to what the program says: the server then has exactly the program's keys
(and where a create under a name that the program gave was lost, the key that was reported; and those that were switched off
in place of a delete), each stored secret is the server's, and a further preview is empty. The secret that a key had before it was
taken over works on, for a day or for good. What no table names, several troubles after one another and processes that are killed,
random histories and a soak look for: \`docs/proof.md\` says what they hold, and their figures.

- One attempt takes at most \`xai:requestTimeout\`, one call with all its attempts, pauses and its place in the queue, at most
  \`xai:operationTimeout\`; every message about time names both. A create has left early enough to have its whole time, or does
  not leave.
- Between attempts the server's \`Retry-After\` is kept to: seconds, or a date by the server's own clock, at most a minute;
  without one a random pause under half a second, which doubles with each attempt up to 15 seconds. A pause that would outlast
  the call is not begun.
- A 429 slows the whole process: its requests stand in one queue, and the distance between them is learnt from what is
  refused.
- A create is sent again only where it cannot have acted: no connection, or a 429. It uses a connection of its own.
  A rotation whose answer is unclear is made again: the last secret is the one that works.
- A status of success counts where the body fits, whatever its number; 206 and a 202 to a delete prove nothing. Redirects are
  never followed. An answer of more than 32 MiB is not read.

## What it comes to

${Object.entries(OUTCOMES)
    .map(([name, outcome]) => described(name, outcome))
    .join("\n")}
\`{said}\` is what the request ended with: what could not be done, what was said, and what to do, as below. After a wrong base
URL it is an \`up\` that mends it: a refresh and a destroy ask where the last \`up\` asked. Where no connection comes about (refused,
DNS, TLS), that is so for a whole run; in the middle of one, after the answer before, it begins for what follows there: ${followers.join("; ")}.

${names.map(section).join("\n")}
## What is said

${table(
    ["trouble", "what is said", "what to do"],
    grouped(
        TROUBLES.filter(({ what }) => what !== ""),
        (trouble) => `${words(trouble)} ${trouble.hint}`,
    ).map(([first, ...alike]) => [[first, ...alike].map(({ name }) => name).join("; "), words(first), first.hint]),
)}
`;
}

/** What is said of a trouble, whatever words the API finds for it. */
function words({ what, fault }: Trouble): string {
    return what.replace(/injected fault \d+/, "{the API's own words}").replace(`${fault?.status}`, "{status}");
}

/** What an outcome is, what is shown, what the state holds, and what comes next. */
function described(name: string, { ends, meaning, says, warns, state, reports }: Outcome): string {
    const [does, refresh, destroy] = NEXT[state];
    const up = reports === true ? "makes another key; the reported one stays until somebody deletes it" : does;
    return `### ${name}

The operation ${ends}. ${meaning}
${says === undefined ? "" : `\n> ${says}\n`}${warns === undefined ? "" : `\nThe check has warned of it before:\n\n> ${warns}\n`}
The state is ${state}. The next \`up\` ${up}; the next \`refresh\` ${refresh}; the next \`destroy\` ${destroy}.
`;
}

/** All that can happen to one operation; troubles that were decided alike stand together. */
function section(scene: SceneName): string {
    const rows = grouped(cells([scene]), ({ trouble, acts, decision }) =>
        JSON.stringify([trouble.kind, decision, SCENES[scene].writes && acts]),
    );
    const { title, says, announces, writes }: Scene = SCENES[scene];
    return `## ${title}

"${says}: …"
${announces === undefined ? "" : `\nOnce the key is found, a warning says what becomes of it: "${announces}"\n`}
${table(
    ["trouble", ...(writes ? ["the server acts"] : []), "sent again", "strikes once", "lasts"],
    rows.map((alike) => {
        const [{ acts, decision }] = alike;
        return [
            alike.map(({ trouble }) => trouble.name).join("; "),
            ...(writes ? [acts ? "yes" : "no"] : []),
            decision.again,
            decision.once,
            decision.lasting,
        ];
    }),
)}
`;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): [T, ...T[]][] {
    const groups = new Map<string, [T, ...T[]]>();
    for (const one of all) {
        const alike = groups.get(keyOf(one));
        if (alike === undefined) {
            groups.set(keyOf(one), [one]);
        } else {
            alike.push(one);
        }
    }
    return [...groups.values()];
}

/** A table as the formatter writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const lines = [head, ...rows].map((line) => line.map((text) => text.replaceAll("|", "\\|")));
    const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
    const written = (line: readonly string[]) =>
        `| ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
    const [first = [], ...others] = lines;
    return [written(first), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...others.map(written)].join(
        "\n",
    );
}
