/** Run as a process of its own, because the official installation has no time limit: `download.ts <root> <version>`. */
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { SemVer } from "semver";

const [root = "", version = ""] = process.argv.slice(2);

// We lead a process group. Our input ends with the process that started us, and then the installation ends as well.
process.stdin
    .on("end", () => process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL"))
    .resume();

PulumiCommand.install({ root, version: new SemVer(version) }).then(
    () => process.exit(0),
    (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
    },
);
