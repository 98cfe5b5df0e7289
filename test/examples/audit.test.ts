import { type ExecFileException, execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { GetApiKeyResult } from "pulumi-xai";
import * as dynamic from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "xai-management-emulator";
import { reportOn, type Team } from "../../examples/audit/report.js";
import { readStackExport } from "../../examples/audit/stackExport.js";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { leaks } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";

const ROOT = resolve(__dirname, "../..");
const NOW = new Date("2026-11-30T12:00:00Z");
const CHAT = "api-key:endpoint:chat";
const GROK = "api-key:model:grok-4";

/** A key that breaks no rule. */
function key(more: Partial<GetApiKeyResult> = {}): GetApiKeyResult {
    return {
        apiKeyId: "id-1",
        name: "search",
        teamId: "team-1",
        userId: undefined,
        acls: [GROK, CHAT],
        qps: undefined,
        qpm: 100,
        tpm: undefined,
        expireTime: "2027-02-01T00:00:00Z",
        disabled: false,
        redactedApiKey: "xai-...PGYR",
        createTime: "2026-11-01T12:00:00.000000Z",
        modifyTime: undefined,
        ...more,
    };
}

function team(more: Partial<Team> = {}): Team {
    return {
        keys: [key()],
        mayLackOthers: false,
        models: [
            { name: "grok-4-0709", aliases: ["grok-4"] },
            { name: "grok-3", aliases: [] },
        ],
        endpoints: [{ value: "chat" }, { value: "image" }],
        now: NOW,
        ...more,
    };
}

const managed = { apiKeyId: "id-1", teamId: "team-1", name: "search", stack: "shop/prod" };
const renewed = [{ keys: [{ ...managed, renewal: "every 30d" }], exposures: [] }];

/** The findings of a report, without their bullets. */
function findingsIn(given: Team): string[] {
    const { markdown, findings } = reportOn(given);
    const lines = markdown.split("\n").flatMap((line) => (line.startsWith("- ") ? line.slice(2) : []));
    expect(lines).toHaveLength(findings);
    return lines;
}

describe("the report on a team's keys", () => {
    const cases: [string, Partial<Team>, string[]][] = [
        ["a key that breaks no rule", {}, []],
        ["no keys", { keys: [] }, []],
        [
            "wildcards",
            { keys: [key({ acls: ["api-key:model:*", "api-key:endpoint:*"] })] },
            [
                "`search` may use every model: name those that it needs.",
                "`search` may call every endpoint: name those that it needs.",
            ],
        ],
        [
            "no limits, no end",
            { keys: [key({ qpm: undefined, expireTime: undefined })] },
            [
                "`search` has no limit: set `qps`, `qpm` or `tpm`.",
                "`search` never expires, and no rotation renews it: set `rotation.every` or `expiresIn`.",
            ],
        ],
        ["a rotation in place of an expiry", { keys: [key({ expireTime: undefined })], stacks: renewed }, []],
        [
            "an expiry that is near",
            { keys: [key({ expireTime: "2026-12-14T12:00:00Z" })] },
            ["`search` expires on 2026-12-14, and no rotation renews it."],
        ],
        ["one that a rotation moves", { keys: [key({ expireTime: "2026-12-01T00:00:00Z" })], stacks: renewed }, []],
        [
            "an expired key, and nothing more of it",
            { keys: [key({ expireTime: "2026-11-30T12:00:00Z", acls: ["api-key:model:*"] })] },
            ["`search` expired on 2026-11-30: renew it, or delete it."],
        ],
        ["a key that is off", { keys: [key({ disabled: true, acls: ["api-key:model:*"], qpm: undefined })] }, []],
        [
            "permissions that lead nowhere",
            { keys: [key({ acls: ["api-key:model:grok-1", "api-key:endpoint:chta"] })] },
            [
                "`search` names `grok-1`, which the team does not have.",
                "`search` names `chta`, which the team does not have.",
            ],
        ],
        [
            "a key of no stack",
            { stacks: [{ keys: [], exposures: [] }] },
            ["`search` is in none of the stacks: adopt it, or delete it."],
        ],
        ["a key that is ignored", { stacks: [{ keys: [], exposures: [] }], ignored: ["search"] }, []],
        [
            "a key that only a stack knows, and one of another team",
            {
                stacks: [
                    ...renewed,
                    {
                        keys: [
                            { ...managed, apiKeyId: "id-2", name: "gone" },
                            { ...managed, apiKeyId: "id-3", teamId: "team-2" },
                        ],
                        exposures: [],
                    },
                ],
            },
            ["`gone` of `shop/prod` is gone from the team: run `pulumi refresh`."],
        ],
        [
            "a listing that may lack keys",
            { mayLackOthers: true, stacks: [{ keys: [managed, { ...managed, apiKeyId: "id-2" }], exposures: [] }] },
            [],
        ],
        [
            "secrets in the clear",
            {
                stacks: [
                    {
                        keys: [managed],
                        exposures: [
                            { stack: "shop/prod", property: "key" },
                            { stack: "shop/prod", resource: "env", property: "data" },
                        ],
                    },
                ],
            },
            [
                "The output `key` holds a secret in the clear in the state of `shop/prod`: make it a Pulumi secret, then rotate the key.",
                "`data` of `env` holds a secret in the clear in the state of `shop/prod`: make it a Pulumi secret, then rotate the key.",
            ],
        ],
        [
            "names that are Markdown, and names that two keys have",
            {
                keys: [
                    key({ name: "a|`b`", acls: [] }),
                    key({ name: "" }),
                    key({ name: "x", apiKeyId: "id-2" }),
                    key({ name: "x" }),
                ],
                stacks: [{ keys: [], exposures: [] }],
            },
            [
                "(no name) is in none of the stacks: adopt it, or delete it.",
                "`a\\u{7c}\\u{60}b\\u{60}` is in none of the stacks: adopt it, or delete it.",
                "`x (id-1)` is in none of the stacks: adopt it, or delete it.",
                "`x (id-2)` is in none of the stacks: adopt it, or delete it.",
            ],
        ],
    ];
    test.each(cases)("tells of %s", (_title, more, findings) => {
        expect(findingsIn(team(more))).toEqual(findings);
    });

    test("has a row for each key, and a column for each model and endpoint that some key names", () => {
        const { markdown } = reportOn(
            team({
                keys: [key(), key({ name: "all", apiKeyId: "id-2", acls: ["api-key:model:*", CHAT], disabled: true })],
                stacks: [{ keys: [{ ...managed, rotatedAt: "2026-11-20T12:00:00Z" }], exposures: [] }],
            }),
        );
        expect(markdown).toContain(
            "2026-11-30: 2 keys, of which 1 are on, 1 off and 0 expired. Pulumi manages 1 of them, in `shop/prod`.",
        );
        expect(markdown).toContain(`| key | all models | \`grok-4-0709\` | \`chat\` |
| --- | --- | --- | --- |
| \`all\` | ● | ○ | ● |
| \`search\` |  | ● | ● |
`);
        expect(
            markdown,
        ).toContain(`| key | state | qps | qpm | tpm | created | secret's age | expires | renewed | managed by |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| \`all\` | off | – | 100 | – | 2026-11-01 | 29 d | 2027-02-01 | – | – |
| \`search\` | on | – | 100 | – | 2026-11-01 | 10 d | 2027-02-01 | – | \`shop/prod\` |
`);
    });
});

describe("an export", () => {
    const secret = `xai-${"a1".repeat(40)}`;
    const resource = (name: string, more: object = {}) => ({
        urn: `urn:pulumi:prod::shop::xai:index:XaiApiKey::${name}`,
        type: "xai:index:XaiApiKey",
        outputs: { apiKeyId: `id of ${name}`, teamId: "team-1" },
        ...more,
    });
    const read = (...resources: object[]) => readStackExport(JSON.stringify({ deployment: { resources } }));

    test("holds the keys that the stack manages", () => {
        const { keys } = read(
            resource("own"),
            resource("only read", { external: true }),
            resource("replaced", { delete: true }),
            resource("no key", { type: "shop:index:Other" }),
            resource("not created yet", { outputs: {} }),
        );
        expect(keys.map(({ name }) => name)).toEqual(["own"]);
        expect(readStackExport('{"deployment":{}}')).toEqual({ keys: [], exposures: [] });
    });

    test("exposes a secret where no mark of Pulumi is around it, and not where a name looks like one", () => {
        const marked = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: secret };
        const inputs = { name: "xai-production-search-and-recommendations-of-the-shop", data: { key: [marked] } };
        const { exposures } = read(
            resource("own", { inputs }),
            resource("other", { inputs: { env: [`KEY=${secret}`] } }),
        );
        expect(exposures).toEqual([{ stack: "shop/prod", resource: "other", property: "env" }]);
    });
});

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the audit of a team with a stack"), () => {
    let folder: string;
    let file: string;
    let emulator: Emulator;

    function audit(args: readonly string[]) {
        return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
            const env = { ...process.env, ...emulator.env };
            const command = [join(ROOT, "examples/audit/audit.ts"), ...args];
            execFile(
                join(ROOT, "node_modules/.bin/tsx"),
                command,
                { env },
                (error: ExecFileException | null, stdout, stderr) =>
                    done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
            );
        });
    }

    beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), "pulumi-xai-audit-"));
        file = join(folder, "stack.json");
        emulator = await startEmulator();
        emulator.addKey({ name: "by hand", acls: ["api-key:model:*", CHAT] });
        const stack = await createStack({
            native: true,
            config: configFor(emulator),
            program: async () => {
                const triggers = { incident: pulumi.secret("hidden") };
                const rotation = { triggers, beforeExpiry: "7d" };
                const old = new dynamic.XaiApiKey("old", { acls: [GROK, CHAT], qpm: 1, expiresIn: "90d", rotation });
                new native.XaiApiKey("new", { acls: [GROK, CHAT], qpm: 1, rotation: { every: "30d" } });
                return { secret: old.apiKey, exposed: pulumi.unsecret(old.apiKey), id: old.apiKeyId };
            },
        });
        await stack.up();
        await writeFile(file, JSON.stringify(stack.exportStack()));
        await stack.dispose();
    });
    afterAll(async () => {
        await emulator?.close();
        await rm(folder, { recursive: true, force: true });
    });

    test("knows the keys of both modes, what renews them, and which output holds a secret in the clear", async () => {
        const { code, stdout, stderr } = await audit(["--stack", file]);
        expect(stderr).toBe("");
        expect(stdout.split("\n").filter((line) => line.startsWith("- "))).toEqual([
            "- `by hand` is in none of the stacks: adopt it, or delete it.",
            "- `by hand` may use every model: name those that it needs.",
            "- `by hand` has no limit: set `qps`, `qpm` or `tpm`.",
            "- `by hand` never expires, and no rotation renews it: set `rotation.every` or `expiresIn`.",
            "- The output `exposed` holds a secret in the clear in the state of `shop/test`: make it a Pulumi secret, then rotate the key.",
        ]);
        expect(stdout).toMatch(/`shop-test-new` \| on .* \| every 30d \| `shop\/test` \|/);
        expect(stdout).toMatch(/`shop-test-old` \| on .* \| 7d before expiry \| `shop\/test` \|/);
        expect(code).toBe(2);
        expect(leaks(emulator.secrets(), [{ name: "the report", text: stdout }])).toEqual([]);
    });

    test("says in one line what is wrong", async () => {
        const wrong = join(folder, "wrong.json");
        await writeFile(wrong, '{"secret":"xai-of-somebody-else"}');
        expect(await audit(["--stack", wrong])).toEqual({
            code: 1,
            stdout: "",
            stderr: `audit: ${wrong} is no export of a stack: make it with \`pulumi stack export --file ${wrong}\`\n`,
        });
    });
});
