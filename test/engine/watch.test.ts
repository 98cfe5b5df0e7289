import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everythingOf, leaks } from "./leaks.js";
import { Watch } from "./watch.js";

const SECRET = "xai-q7WmZr2Xk9LpT4vBn8Jc5HdY3sGf6Ea1Uo0";

describe("a watch", () => {
    let watch: Watch;
    let before: string;
    beforeEach(() => {
        before = tmpdir();
        watch = new Watch();
    });
    afterEach(() => watch.end());

    test.skipIf(!existsSync("/proc"))("sees the arguments and the title of what a child has started", async () => {
        const grandchild = `process.title = ${JSON.stringify(SECRET)}; process.stdout.write("up"); setInterval(() => {}, 1000)`;
        const start = `const c = require("child_process").spawn(process.execPath, ["-e", process.env.WHAT], { stdio: "inherit" }); setTimeout(() => {}, 10000)`;
        const child = spawn(process.execPath, ["-e", start], { env: { WHAT: grandchild }, detached: true });
        await once(child.stdout, "data");
        expect(leaks([SECRET], watch.seen())).toContainEqual(expect.stringMatching(/^the command line of process \d+/));
        process.kill(-(child.pid ?? 0), "SIGKILL");
        await once(child, "exit");
    });

    test("sees a temporary file, also one that is gone when it is asked", async () => {
        const file = join(tmpdir(), "a.txt");
        writeFileSync(file, `… ${SECRET.slice(6, 16)} …`);
        await new Promise((done) => setTimeout(done, 300));
        rmSync(file);
        expect(leaks([SECRET], watch.seen())).toEqual([`the temporary file ${file} holds a piece of xai-…1Uo0`]);
    });

    test("leaves the temporary folder as it was", () => {
        const during = tmpdir();
        watch.end();
        expect(tmpdir()).toBe(before);
        expect(existsSync(during)).toBe(false);
    });
});

describe("a leak", () => {
    const found = (text: string) => leaks([SECRET], [{ name: "it", text }]).length > 0;

    test("is a secret in whole, and any eight characters of it", () => {
        expect(found(`key=${SECRET}`)).toBe(true);
        for (let start = 4; start + 8 <= SECRET.length - 4; start += 1) {
            expect(found(`>${SECRET.slice(start, start + 8)}<`)).toBe(true);
        }
    });

    test("is not what the API shows of it", () => {
        expect(found("xai-...1Uo0 and xai-q**0")).toBe(false);
        expect(found(`${SECRET.slice(4, 11)} ${SECRET.slice(12, 19)}`)).toBe(false);
    });

    test("is found in everything that an error or an object holds", () => {
        class Holder {
            readonly #hidden = SECRET;
            readonly shown: string;
            constructor(shown: string) {
                this.shown = shown;
            }
            reveal(): string {
                return this.#hidden;
            }
        }
        const hidden = Object.defineProperty(new Error("x"), "secret", { value: SECRET });
        const deep = new Error("x", { cause: new Error("y", { cause: { a: [[[[[[SECRET]]]]]] } }) });
        const lied = Object.assign(new Holder(SECRET), {
            toJSON: () => "",
            [Symbol.for("nodejs.util.inspect.custom")]: () => "",
        });
        for (const value of [
            new Error(SECRET),
            hidden,
            deep,
            lied,
            { toString: () => SECRET },
            new Map([[SECRET, 1]]),
        ]) {
            expect(leaks([SECRET], everythingOf("it", value)).length).toBeGreaterThan(0);
        }
        expect(leaks([SECRET], everythingOf("it", new Holder("nothing")))).toEqual([]);
    });
});
