import { satisfies } from "semver";

/** What a user has: a version of each part, as a range of npm's. */
export interface Row {
    readonly node: string;
    readonly pulumi: string;
    readonly typescript: string;
    readonly manager: Manager;
    /** The form of the program: the `type` of its package.json. */
    readonly modules: "commonjs" | "module";
}

export type Manager = "npm" | "pnpm@10" | "pnpm@latest" | "yarn@1" | "@yarnpkg/cli-dist@4";

const BASE: Row = { node: "22", pulumi: "~3.270.0", typescript: "5", manager: "npm", modules: "commonjs" };

const OLDEST: Row = { ...BASE, node: "20.19.0", pulumi: "3.216.0", typescript: "5.0" };

const NEWEST: Row = {
    node: "24",
    pulumi: "latest",
    typescript: "6",
    manager: "@yarnpkg/cli-dist@4",
    modules: "module",
};

/** One part at a time differs from the first row. The last rows are the oldest and the newest of everything. */
export const ROWS: readonly Row[] = [
    BASE,
    { ...BASE, node: "20" },
    // The newest Pulumi that takes Node 20.
    { ...BASE, node: "20", pulumi: "<3.249.0" },
    { ...BASE, node: "24" },
    { ...BASE, pulumi: "~3.216.0" },
    { ...BASE, pulumi: "latest" },
    { ...BASE, typescript: "6" },
    { ...BASE, typescript: "7" },
    { ...BASE, manager: "pnpm@10" },
    { ...BASE, manager: "pnpm@latest" },
    { ...BASE, manager: "yarn@1" },
    { ...BASE, manager: "@yarnpkg/cli-dist@4" },
    { ...BASE, modules: "module" },
    OLDEST,
    NEWEST,
    { ...NEWEST, manager: "pnpm@latest" },
];

/** What `@pulumi/pulumi` says of the versions that it takes. */
export interface Requirements {
    readonly engines?: { readonly node?: string | undefined } | undefined;
    readonly peerDependencies?: { readonly typescript?: string | undefined } | undefined;
}

/** Why Pulumi refuses these versions; `undefined` where it takes them. */
export function refusal(node: string, typescript: string, pulumi: Requirements): string | undefined {
    const parts = [
        ["Node", node, pulumi.engines?.node],
        ["TypeScript", typescript, pulumi.peerDependencies?.typescript],
    ] as const;
    const refused = parts.find(([, version, range]) => range !== undefined && !satisfies(version, range));
    return refused && `Pulumi asks for ${refused[0]} ${refused[2]}`;
}

/** Lays lines out as a table of Markdown, with aligned columns; the first line holds the headings. */
export function markdown(lines: readonly (readonly string[])[]): string {
    const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    const [head = "", ...rest] = lines.map(
        (line) => `| ${widths.map((width, column) => (line[column] ?? "").padEnd(width)).join(" | ")} |`,
    );
    return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest].join("\n");
}
