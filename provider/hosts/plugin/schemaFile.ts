import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The files in the package's root that the plugin hands out. */

const ROOT = join(__dirname, "../../../..");

/** The package's version. */
export const PACKAGE_VERSION: string = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version;

/** The schema of the package, from which Pulumi makes SDKs: JSON. */
export function readSchema(): string {
    return readFileSync(join(ROOT, "schema.json"), "utf8");
}
