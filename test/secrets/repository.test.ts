import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** The repository's own files, snapshots and fixtures among them, hold nothing that could be somebody's real key. */

const ROOT = resolve(__dirname, "../..");
const SKIPPED = new Set(["node_modules", "dist", ".git", "package-lock.json"]);

/** What keys look like: xAI's, and those of the clouds and hosts that such keys are handed on to. */
const FORMS = [
    /\bxai-(?:token-)?[A-Za-z0-9]{20,}/g,
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
    /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
    /\bpul-[0-9a-f]{40}\b/g,
    /\bnpm_[A-Za-z0-9]{30,}/g,
    /\bsk-[A-Za-z0-9]{20,}/g,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
    /\bBearer\s+[A-Za-z0-9._-]{24,}/g,
];

/** Made up, and seen to be: each with the file in which it stands. */
const MADE_UP: readonly (readonly [file: string, text: string])[] = [
    ["test/engine/leaks.test.ts", "xai-q7WmZr2Xk9LpT4vBn8Jc5HdY3sGf6Ea1Uo0"],
    ["test/fuzz/samples.ts", "xai-0123456789abcdefghijklmnopqrstuvwxyz"],
    ["test/secrets/objects.test.ts", "xai-token-k8Wq3ZtR6mNv1XpJ5bLc"],
    ["test/secrets/objects.test.ts", "xai-token-q9Wm3ZtR6mNv1XpJ5bLc"],
];

function filesBelow(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true })
        .filter(({ name }) => !SKIPPED.has(name))
        .flatMap((entry) => {
            const path = join(folder, entry.name);
            return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
        });
}

function keysIn(text: string): string[] {
    return FORMS.flatMap((form) => text.match(form) ?? []);
}

test("no file holds anything that looks like a real key, beyond what is known to be made up", () => {
    const files = filesBelow(ROOT).filter((path) => relative(ROOT, path) !== relative(ROOT, __filename));
    expect(files.length).toBeGreaterThan(100);
    const found = files.flatMap((path) =>
        keysIn(readFileSync(path, "utf8")).map((text) => [relative(ROOT, path), text]),
    );
    const known = new Set(MADE_UP.map((one) => one.join(" ")));
    expect(found.filter((one) => !known.has(one.join(" ")))).toEqual([]);
    // What is no longer there need not be allowed.
    expect([...new Set(found.map((one) => one.join(" ")))].sort()).toEqual([...known].sort());
});

test("the provider and the SDK write no file and start no process, so that no secret stands in one", () => {
    for (const path of ["provider", "sdk"].flatMap((folder) => filesBelow(join(ROOT, folder)))) {
        const imported = [...readFileSync(path, "utf8").matchAll(/import (.*) from "node:(fs|child_process)/g)];
        const names = imported.flatMap(([, list = ""]) => list.replace(/[{}\s]/g, "").split(","));
        expect(
            names.filter((name) => !["existsSync", "readFileSync"].includes(name)),
            path,
        ).toEqual([]);
    }
});

test("every form is one that such a key has", () => {
    const random = "q7WmZr2Xk9LpT4vBn8Jc5HdY3sGf6Ea1Uo0MiK2x";
    for (const key of [
        `xai-${random}`,
        `xai-token-${random}`,
        "AKIAIOSFODNN7EXAMPLE",
        `ghp_${random}`,
        `pul-${"0a".repeat(20)}`,
        `npm_${random}`,
        `sk-${random}`,
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        `authorization: Bearer ${random}`,
    ]) {
        expect(keysIn(`x ${key} x`), key).not.toEqual([]);
    }
});
