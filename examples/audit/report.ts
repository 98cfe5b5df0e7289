/** The report on a team's keys, made from data alone. */
import type { EndpointAcl, GetApiKeyResult, Model } from "pulumi-xai";
import type { Exposure, ManagedKey, ManagedStack } from "./stackExport.js";

/** What a report is made from. */
export interface Team {
    readonly keys: readonly GetApiKeyResult[];
    /** Whether the listing may lack keys of other users. */
    readonly mayLackOthers: boolean;
    readonly models: readonly Pick<Model, "name" | "aliases">[];
    readonly endpoints: readonly Pick<EndpointAcl, "value">[];
    /** What Pulumi manages; `undefined` where no stack was given. */
    readonly stacks?: readonly ManagedStack[] | undefined;
    /** The names of keys that break no rule, whatever they are like. */
    readonly ignored?: readonly string[];
    readonly now: Date;
}

/** A report, and how many rules are broken. */
export interface Report {
    readonly markdown: string;
    readonly findings: number;
}

/** A key with all that is known of it. */
interface Row {
    readonly key: GetApiKeyResult;
    /** Its name as Markdown; with its id where several keys have the name. */
    readonly title: string;
    readonly managed: ManagedKey | undefined;
    readonly state: "on" | "off" | "expired";
    readonly models: readonly string[];
    readonly endpoints: readonly string[];
}

const DAY = 86_400_000;
/** A key that nothing renews is reported this many days before it expires. */
const NOTICE = 14;
const NONE = "–";

/** Makes the report. It holds names, never a secret. */
export function reportOn(team: Team): Report {
    const rows = team.keys.map((key) => rowOf(key, team)).sort((a, b) => compare(a.title, b.title));
    const findings = findingsOf(rows, team);
    const blocks = [
        "# xAI API keys",
        summaryOf(rows, team),
        ...(team.mayLackOthers
            ? ["The management key may not see the keys of other users. This report may lack some."]
            : []),
        `## Findings: ${findings.length}`,
        findings.length === 0 ? "None." : findings.map((text) => `- ${text}`).join("\n"),
        ...(rows.length === 0
            ? []
            : ["## Permissions", permissionsOf(rows, team), "## Limits and secrets", settingsOf(rows, team)]),
    ];
    return { markdown: `${blocks.join("\n\n")}\n`, findings: findings.length };
}

function rowOf(key: GetApiKeyResult, { keys, stacks = [], models, now }: Team): Row {
    const isUnique = keys.filter(({ name }) => name === key.name).length === 1;
    const permitted = (kind: string) =>
        key.acls.flatMap((acl) => (acl.startsWith(`api-key:${kind}:`) ? acl.split(":").slice(2).join(":") : []));
    const isExpired = key.expireTime !== undefined && Date.parse(key.expireTime) <= now.getTime();
    return {
        key,
        title: code(isUnique ? key.name : `${key.name} (${key.apiKeyId})`),
        managed: stacks.flatMap((stack) => stack.keys).find(({ apiKeyId }) => apiKeyId === key.apiKeyId),
        state: key.disabled ? "off" : isExpired ? "expired" : "on",
        // An alias and its model are one column.
        models: permitted("model").map(
            (name) => models.find((model) => model.name === name || model.aliases.includes(name))?.name ?? name,
        ),
        endpoints: permitted("endpoint"),
    };
}

function summaryOf(rows: readonly Row[], { stacks, now }: Team): string {
    const count = (state: Row["state"]) => rows.filter((row) => row.state === state).length;
    const names = [...new Set(stacks?.flatMap(({ keys }) => keys.map(({ stack }) => code(stack))))].join(", ");
    return [
        `${now.toISOString().slice(0, 10)}: ${rows.length} keys, of which ${count("on")} are on, ${count("off")} off and ${count("expired")} expired.`,
        stacks === undefined
            ? "No stack was given, so nothing is said of what Pulumi manages."
            : `Pulumi manages ${rows.filter(({ managed }) => managed).length} of them${names && `, in ${names}`}.`,
    ].join(" ");
}

/** What breaks a rule, in the order of the keys. */
function findingsOf(rows: readonly Row[], { keys, stacks, mayLackOthers, ignored = [], now, ...team }: Team): string[] {
    const ofKeys = rows
        .filter(({ key }) => !ignored.includes(key.name))
        .flatMap((row) => problemsOf(row, team, stacks !== undefined, now).map((text) => `${row.title} ${text}`));
    // Another team's keys are not in this listing, and a partial listing proves nothing.
    const gone = (stacks ?? [])
        .flatMap((stack) => stack.keys)
        .filter((one) => keys.some(({ teamId }) => teamId === one.teamId))
        .filter((one) => !mayLackOthers && !keys.some(({ apiKeyId }) => apiKeyId === one.apiKeyId))
        .map(({ name, stack }) => `${code(name)} of ${code(stack)} is gone from the team: run \`pulumi refresh\`.`);
    return [...ofKeys, ...gone, ...(stacks ?? []).flatMap(({ exposures }) => exposures.map(exposure))];
}

function exposure({ stack, resource, property }: Exposure): string {
    const where = resource === undefined ? `The output ${code(property)}` : `${code(property)} of ${code(resource)}`;
    return `${where} holds a secret in the clear in the state of ${code(stack)}: make it a Pulumi secret, then rotate the key.`;
}

function problemsOf(
    { key, managed, state, models, endpoints }: Row,
    team: Pick<Team, "models" | "endpoints">,
    knowsStacks: boolean,
    now: Date,
): string[] {
    const problems = knowsStacks && !managed ? ["is in none of the stacks: adopt it, or delete it."] : [];
    if (state === "expired") {
        return [...problems, `expired on ${date(key.expireTime)}: renew it, or delete it.`];
    }
    if (state === "off") {
        return problems;
    }
    const unknown = [
        ...models.filter((name) => name !== "*" && !team.models.some((model) => model.name === name)),
        ...endpoints.filter((name) => name !== "*" && !team.endpoints.some(({ value }) => value === name)),
    ];
    const daysLeft = key.expireTime === undefined ? undefined : (Date.parse(key.expireTime) - now.getTime()) / DAY;
    return [
        ...problems,
        ...(models.includes("*") ? ["may use every model: name those that it needs."] : []),
        ...(endpoints.includes("*") ? ["may call every endpoint: name those that it needs."] : []),
        ...unknown.map((name) => `names ${code(name)}, which the team does not have.`),
        ...((key.qps ?? key.qpm ?? key.tpm) ? [] : ["has no limit: set `qps`, `qpm` or `tpm`."]),
        ...(daysLeft === undefined && !managed?.renewal
            ? ["never expires, and no rotation renews it: set `rotation.every` or `expiresIn`."]
            : []),
        ...(daysLeft !== undefined && daysLeft <= NOTICE && !managed?.renewal
            ? [`expires on ${date(key.expireTime)}, and no rotation renews it.`]
            : []),
    ];
}

/** Which key may use which model and endpoint. A column for each that some key names, and one for all of them. */
function permissionsOf(rows: readonly Row[], team: Team): string {
    const columnsOf = (all: readonly string[], of: (row: Row) => readonly string[]) => {
        const named = new Set(rows.flatMap(of).filter((name) => name !== "*"));
        const known = all.filter((name) => named.has(name));
        return [...known, ...[...named].filter((name) => !all.includes(name)).sort(compare)].map((name) => ({
            title: code(name),
            mark: (row: Row) => (of(row).includes(name) ? "●" : of(row).includes("*") ? "○" : ""),
        }));
    };
    const wildcard = (title: string, of: (row: Row) => readonly string[]) =>
        rows.some((row) => of(row).includes("*"))
            ? [{ title, mark: (row: Row) => (of(row).includes("*") ? "●" : "") }]
            : [];
    const [models, endpoints] = [(row: Row) => row.models, (row: Row) => row.endpoints];
    const columns = [
        ...wildcard("all models", models),
        ...columnsOf(
            team.models.map(({ name }) => name),
            models,
        ),
        ...wildcard("all endpoints", endpoints),
        ...columnsOf(
            team.endpoints.map(({ value }) => value),
            endpoints,
        ),
    ];
    const body = rows.map((row) => [row.title, ...columns.map(({ mark }) => mark(row))]);
    return `${table(["key", ...columns.map(({ title }) => title)], body)}\n\n● named, ○ by a wildcard`;
}

function settingsOf(rows: readonly Row[], { stacks, now }: Team): string {
    const titles = ["key", "state", "qps", "qpm", "tpm", "created", "secret's age", "expires"];
    const body = rows.map(({ key, managed, state }) => [
        ...[state, key.qps, key.qpm, key.tpm].map((value) => String(value ?? NONE)),
        date(key.createTime),
        age(managed?.rotatedAt ?? key.createTime, now),
        date(key.expireTime, "never"),
        ...(stacks === undefined ? [] : [managed?.renewal ?? NONE, managed ? code(managed.stack) : NONE]),
    ]);
    return table(
        [...titles, ...(stacks === undefined ? [] : ["renewed", "managed by"])],
        body.map((cells, index) => [rows[index]?.title ?? "", ...cells]),
    );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function date(instant: string | undefined, absent = NONE): string {
    return instant?.slice(0, 10) ?? absent;
}

function age(since: string | undefined, now: Date): string {
    return since === undefined ? NONE : `${Math.floor((now.getTime() - Date.parse(since)) / DAY)} d`;
}

function compare(a: string, b: string): number {
    return a < b ? -1 : Number(a > b);
}

/** A name as a code span in a table: no Markdown, mention or link in it means anything, and nothing in it is invisible. */
function code(name: string): string {
    const visible = name.replace(/[`|\\\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
    return visible.trim() === "" ? "(no name)" : `\`${visible}\``;
}
