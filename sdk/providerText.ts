import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The text that every state file holds, and that the dynamic host evaluates. A contract: it never changes. */
export const PROVIDER_TEXT = 'exports.handler=()=>require("pulumi-xai/provider").provider';

const PACKAGE = "pulumi-xai";

/**
 * Makes sure that the dynamic host will be able to resolve {@link PROVIDER_TEXT}: it looks from the program's folder, for
 * a package that is the program's own dependency. Inline programs of the Automation API pass, because their host runs in
 * a folder that is not known here.
 *
 * @throws pulumi.RunError that names the `package.json` that lacks the dependency.
 */
export function requireResolvableProvider(folder: string): void {
    if (isInlineProgram() || process.versions["pnp"] !== undefined) {
        return;
    }
    const folders = withParents(folder);
    if (folders.some((parent) => existsSync(join(parent, "node_modules", PACKAGE, "package.json")))) {
        return;
    }
    const manifest = folders.map((parent) => join(parent, "package.json")).find((file) => existsSync(file));
    throw runError(
        manifest === undefined
            ? `${PACKAGE} cannot be found from the program's folder ${folder}, which has no package.json: make one there and run \`npm install ${PACKAGE}\`.`
            : `${PACKAGE} cannot be found from the program's folder ${folder}: it has to be a dependency in ${manifest}, not only of something that you use. Run \`npm install ${PACKAGE}\` (or your package manager's word for it) there.`,
    );
}

/** A user's mistake: Pulumi prints its message alone. Without a stack there is none to print or to colour. */
export function runError(message: string): pulumi.RunError {
    const error = new pulumi.RunError(message);
    error.stack = message;
    return error;
}

function isInlineProgram(): boolean {
    // A program of its own is started by Pulumi's runner; an inline program by whoever uses the Automation API.
    return !/[\\/]cmd[\\/]run[\\/]/.test(require.main?.filename ?? "");
}

function withParents(folder: string): string[] {
    const parent = dirname(folder);
    return parent === folder ? [folder] : [folder, ...withParents(parent)];
}
