import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { anyJson, anyText, mutated, PATIENCE, runs } from "./effort.js";

/** What the emulator is sent, and what its command is given. See effort.ts. */

let emulator: Emulator;
let normalising: Emulator;
beforeAll(async () => {
    emulator = await startEmulator();
    normalising = await startEmulator({
        dialect: { values: "normalised", unknownMaskPaths: "ignored", maskSpelling: "both", errorBody: "html" },
    });
});
beforeEach(() => {
    for (const one of [emulator, normalising]) {
        one.clearRequests();
        for (const { apiKeyId } of one.keys()) one.deleteKey(apiKeyId);
    }
});
afterAll(async () => {
    await emulator.close();
    await normalising.close();
});

const CREATE = {
    name: "n",
    acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
    qps: 1,
    qpm: null,
    tpm: "5",
    expireTime: "2099-01-01T00:00:00Z",
};
const UPDATE = {
    apiKey: {
        apiKeyId: "",
        name: "n",
        aclStrings: CREATE.acls,
        qps: 1,
        qpm: null,
        tpm: "5",
        expireTime: CREATE.expireTime,
        disabled: false,
    },
    fieldMask: "name,aclStrings,qps,qpm,tpm,expireTime,disabled",
};
const ROTATE = { expireTime: CREATE.expireTime, oldSecretExpireTime: "2027-01-01T00:00:00Z" };

const body = (valid: unknown) =>
    fc.oneof(
        { weight: 6, arbitrary: mutated(fc.constant(valid)).map((one) => JSON.stringify(one) ?? "") },
        { weight: 1, arbitrary: anyText },
        { weight: 1, arbitrary: anyJson.map((one) => JSON.stringify(one)) },
    );

/** Sends a request, and holds what comes back, and what the emulator keeps, to what a server may answer and hold. */
async function send(to: Emulator, method: string, path: string, text?: string): Promise<void> {
    const answer = await fetch(to.url + path, {
        method,
        headers: { authorization: `Bearer ${to.managementKey}` },
        ...(text === undefined ? {} : { body: text }),
    });
    const said = await answer.text();
    expect({ status: [200, 400, 403, 404, 405].includes(answer.status) ? "an answer" : answer.status, said }).toEqual({
        status: "an answer",
        said,
    });
    expect(said).not.toContain("the emulator failed");
    for (const key of to.keys()) {
        expect(key.name.trim()).not.toBe("");
        expect(key.acls.every((acl) => acl.startsWith("api-key:"))).toBe(true);
        for (const limit of [key.qps, key.qpm])
            expect(limit === null || (Number.isInteger(limit) && limit >= 1)).toBe(true);
        expect(key.tpm === null || /^[1-9]\d*$/.test(key.tpm)).toBe(true);
        expect(key.expireTime === null || Date.parse(key.expireTime) > 0).toBe(true);
        expect(typeof key.disabled).toBe("boolean");
    }
}

describe("the emulator answers, and never fails,", () => {
    test(
        "whatever the bodies hold",
        async () => {
            await fc.assert(
                fc.asyncProperty(body(CREATE), body(UPDATE), body(ROTATE), async (create, update, rotate) => {
                    for (const one of [emulator, normalising]) {
                        const { apiKeyId } = one.addKey({ name: "there" });
                        const team = `/auth/teams/${one.teamId}/api-keys`;
                        await send(one, "POST", team, create);
                        await send(
                            one,
                            "PUT",
                            `/auth/api-keys/${apiKeyId}`,
                            update.replace('"apiKeyId":""', `"apiKeyId":"${apiKeyId}"`),
                        );
                        await send(one, "PUT", team, update.replace('"apiKeyId":""', `"apiKeyId":"${apiKeyId}"`));
                        await send(one, "POST", `/auth/api-keys/${apiKeyId}/rotate`, rotate);
                        for (const key of one.keys()) one.deleteKey(key.apiKeyId);
                    }
                }),
                runs(100),
            );
        },
        PATIENCE,
    );

    test(
        "whatever stands in paths and queries",
        async () => {
            const part = fc
                .oneof(
                    anyText,
                    fc.constantFrom(
                        "%",
                        "%zz",
                        "%E0%A4%A",
                        "%00",
                        "%2F",
                        "a/b",
                        "?",
                        "?pageSize=",
                        "?pageSize=1&pageSize=2",
                        "?aclFilters=%FF",
                        "?paginationToken=x",
                        "?__proto__=1",
                        "#",
                    ),
                )
                .map((text) => text.replace(/[\p{Surrogate}\s]/gu, "_").slice(0, 200));
            const templates = [
                "/auth/teams/{team}/api-keys{}",
                "/auth/teams/{}/api-keys",
                "/auth/teams/{}/models",
                "/auth/api-keys/{}",
                "/auth/api-keys/{}/propagation",
                "/auth/api-keys/{}/rotate",
                "/{}",
                "/_emulator/{}",
                "/auth/management-keys/validation{}",
            ];
            await fc.assert(
                fc.asyncProperty(
                    fc.constantFrom(...templates),
                    part,
                    fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
                    async (template, text, method) => {
                        await send(
                            emulator,
                            method,
                            template.replace("{team}", emulator.teamId).replace("{}", () => text),
                        );
                    },
                ),
                runs(300),
            );
        },
        PATIENCE,
    );

    test(
        "whatever the credential is: nobody gets in without the right one",
        async () => {
            const header = fc.oneof(
                anyText,
                anyText.map((text) => `Bearer ${text}`),
                fc.constantFrom("Bearer", "bearer  ", "Basic x", "Bearer a b"),
            );
            await fc.assert(
                fc.asyncProperty(header, async (text) => {
                    const authorization = text.replace(/[^\x20-\x7e]/g, "_");
                    const answer = await fetch(`${emulator.url}/auth/teams/${emulator.teamId}/api-keys`, {
                        headers: { authorization },
                    });
                    expect(answer.status).toBe(401);
                    expect(await answer.text()).not.toContain(emulator.managementKey);
                }),
                runs(100),
            );
        },
        PATIENCE,
    );
});

const CLI = resolve(__dirname, "../../emulator/bin/xai-management-emulator");

/** Runs the command until it ends, or says that it is up. */
async function run(args: readonly string[]): Promise<{ code: number | null; out: string; error: string }> {
    const child: ChildProcess = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, error] = ["", ""];
    child.stdout?.on("data", (chunk) => {
        out += chunk;
        if (out.includes("Stop it: Ctrl-C")) child.kill("SIGTERM");
    });
    child.stderr?.on("data", (chunk) => {
        error += chunk;
    });
    const code = await new Promise<number | null>((ended) => child.on("close", ended));
    return { code, out, error };
}

test(
    "the command takes its arguments or says in a line what is wrong with them",
    async () => {
        const options = [
            "--port",
            "--update-route",
            "--missing-route",
            "--mask-spelling",
            "--max-page-size",
            "--propagation",
            "--latency",
            "--rate-limit",
            "--no-rotation",
            "--values",
            "--nope",
        ];
        const values = fc
            .oneof(
                anyText,
                fc.constantFrom(
                    "0",
                    "-1",
                    "1e3",
                    "99999",
                    "both",
                    "404",
                    "never",
                    "1",
                    "NaN",
                    "Infinity",
                    "0x10",
                    "--",
                ),
            )
            .map((text) => text.replaceAll("\0", "").slice(0, 1000));
        const one = fc
            .tuple(fc.constantFrom(...options), fc.option(values, { nil: undefined }))
            .map(([option, value]) => (value === undefined ? [option] : [option, value]));
        await fc.assert(
            fc.asyncProperty(
                fc.array(one, { maxLength: 2 }),
                fc.constantFrom([], [], [], ["other"]),
                async (given, more) => {
                    const { code, out, error } = await run([...more, ...given.flat()]);
                    const everything = out + error;
                    expect(everything).not.toMatch(/\n\s+at |node:internal|TypeError|RangeError/);
                    const started = out.includes("Stop it: Ctrl-C");
                    expect({ code, said: everything.trim() !== "", started }).toEqual({
                        code: started ? 0 : 1,
                        said: true,
                        started,
                    });
                },
            ),
            { ...runs(12) },
        );
    },
    PATIENCE,
);
