import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What every child loads first. Its file descriptor 3 is a pipe that closes when the engine ends, in whatever way; a
 * thread of its own waits for that, since the child's main thread may be busy for ever, and ends the whole process group,
 * for the child may have started others. It lets errors be printed
 * without colours: with them Node 20 and 22 take tens of seconds over a stack that mentions `node_modules/@scope/`. And it
 * lets Pulumi's SDK load what it serializes closures with when it first does, not at its start: more than half of the
 * time that a host takes to start.
 */
const GUARD = `"use strict";
const { isMainThread, Worker } = require("node:worker_threads");
if (isMainThread) {
    const wait = 'const pipe = new (require("node:net").Socket)({ fd: 3 });' +
        'pipe.on("error", () => {});' +
        'const end = (pid) => { try { process.kill(pid, "SIGKILL"); } catch {} };' +
        'pipe.on("close", () => { end(-process.pid); end(process.pid); }).resume();';
    new Worker(wait, { eval: true, execArgv: [], env: {}, stdin: false }).unref();
    const util = require("node:util");
    util.inspect = new Proxy(util.inspect, {
        apply(inspect, self, [value, options, ...rest]) {
            const plain = value instanceof Error && options?.colors ? { ...options, colors: false } : options;
            return Reflect.apply(inspect, self, [value, plain, ...rest]);
        },
    });
    const Module = require("node:module");
    const load = Module._load;
    // TypeScript is the program's, or else the copy in the SDK.
    const late = (request, from) =>
        (from.endsWith("typescript-shim.js") && request !== "path") ||
        (from.endsWith("codePaths.js") && request === "@npmcli/arborist");
    Module._load = function (request, parent, isMain) {
        if (!late(request, parent?.filename ?? "")) return load.call(this, request, parent, isMain);
        Module._resolveFilename(request, parent, isMain);
        let loaded;
        const get = (_, name) => name === "__esModule" || (loaded ??= load.call(Module, request, parent, isMain))[name];
        return new Proxy({}, { get });
    };
}
`;

let folder: string | undefined;

/** The file of the guard, written where it is not there. */
export function guardFile(): string {
    folder ??= mkdtempSync(join(tmpdir(), "pulumi-xai-engine-"));
    const path = join(folder, "guard.cjs");
    writeFileSync(path, GUARD);
    return path;
}

/** Removes the file, once no child is left that may still have to load it. */
export function removeGuard(): void {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
}
