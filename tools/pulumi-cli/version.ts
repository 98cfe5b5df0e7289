import { readFileSync } from "node:fs";
import { join } from "node:path";
import { minVersion, parse, satisfies } from "semver";
import { z } from "zod";

const packageSchema = z.object({ peerDependencies: z.object({ "@pulumi/pulumi": z.string() }) });

/** The versions of Pulumi that the package supports: the range of its peer dependency, such as `^3.216.0`. */
export function supportedRange(): string {
    const text = readFileSync(join(__dirname, "../../package.json"), "utf8");
    return packageSchema.parse(JSON.parse(text)).peerDependencies["@pulumi/pulumi"];
}

/**
 * Judges what `pulumi version` printed, as the Automation API does: the whole output must be one version.
 *
 * @returns The version without its `v`, or the reason why the CLI cannot be used.
 */
export function judgeVersion(
    output: string,
    range: string,
): { readonly version: string } | { readonly reason: string } {
    const text = output.trim();
    const version = parse(text);
    if (version === null) {
        return {
            reason: `it does not print its version${text === "" ? "" : `, but ${JSON.stringify(text.slice(0, 60))}`}`,
        };
    }
    if (satisfies(version, range, { includePrerelease: true })) {
        return { version: version.version };
    }
    const oldest = minVersion(range);
    return {
        reason:
            oldest !== null && version.compare(oldest) < 0
                ? `its version ${version.version} is older than ${oldest.version}`
                : `its version ${version.version} is not in the supported range ${range}`,
    };
}
