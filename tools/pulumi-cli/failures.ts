/** One way, and why it leads nowhere. */
export interface Failure {
    readonly way: string;
    readonly reason: string;
}

/** No way leads to a Pulumi CLI. The message lists each one and why, and says what to do. */
export class NoPulumiCliError extends Error {
    override readonly name = "NoPulumiCliError";

    constructor(readonly failures: readonly Failure[]) {
        super(explain(failures));
    }

    /** The reasons in one line. */
    get reason(): string {
        return `no Pulumi CLI: ${inOneLine(this.failures)}`;
    }
}

/** All failures in one line. */
export function inOneLine(failures: readonly Failure[]): string {
    return failures.map(({ way, reason }) => `${way}: ${reason}`).join("; ");
}

function explain(failures: readonly Failure[]): string {
    const width = Math.max(0, ...failures.map(({ way }) => way.length));
    return [
        "There is no Pulumi CLI to run on:",
        ...failures.map(({ way, reason }) => `  ${way.padEnd(width)}  ${reason}`),
        "Install it (https://www.pulumi.com/docs/install/), or name its executable in PULUMI_XAI_CLI.",
    ].join("\n");
}
