/** Holds the lock of a folder until it is killed: `holdLock.ts <folder>`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../tools/pulumi-cli/lock.js";

void withLock(
    process.argv[2] ?? "",
    () => undefined,
    async ({ aside }) => {
        await writeFile(join(aside, "half"), "");
        process.stdout.write("holding\n");
        await new Promise(() => undefined);
    },
);
