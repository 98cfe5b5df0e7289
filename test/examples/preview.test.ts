import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { changesOf, errorsOf, hasChanges } from "../../examples/preview/changes.js";
import { dependenciesIn } from "../../examples/preview/consumers.js";
import { toMarkdown } from "../../examples/preview/markdown.js";

const KEY = "pulumi-nodejs:dynamic/xai:ApiKey";
const NATIVE_KEY = "xai:index:XaiApiKey";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Inputs = Record<string, unknown>;

/** One step as the engine announces it. */
function step(
    op: OpType,
    { type = KEY, name = "search", old, next }: { type?: string; name?: string; old?: Inputs; next?: Inputs },
    { diffs, ...more }: { retainOnDelete?: boolean; diffs?: string[] } = {},
): EngineEvent {
    const urn = `urn:pulumi:dev::demo::${type}::${name}`;
    const state = (inputs: Inputs) => ({
        type,
        urn,
        id: "id-1",
        parent: "",
        provider: "",
        inputs,
        outputs: {},
        ...more,
    });
    return {
        sequence: 1,
        timestamp: 1,
        resourcePreEvent: {
            metadata: {
                op,
                urn,
                type,
                provider: "",
                ...(diffs && { diffs }),
                ...(old && { old: state({ __provider: "text", ...old }) }),
                ...(next && { new: state({ __provider: "text", ...next }) }),
            },
        },
    };
}

/** The one key's lines. */
function linesOf(op: OpType, old: Inputs | undefined, next: Inputs | undefined): readonly string[] | undefined {
    const { keys } = changesOf([step(op, { ...(old && { old }), ...(next && { next }) })]);
    expect(keys).toHaveLength(1);
    return keys[0]?.fields;
}

const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];

describe("an update's fields", () => {
    const cases: [string, Inputs, Inputs, string[]][] = [
        ["a raised limit", { qps: 5 }, { qps: 7 }, ["`qps`: `5` → `7`"]],
        ["a cleared limit", { qpm: 100 }, {}, ["`qpm`: `100` → no limit"]],
        ["a first limit", { tpm: null }, { tpm: 50_000 }, ["`tpm`: no limit → `50000`"]],
        ["tpm as text", { tpm: 50_000 }, { tpm: "050000" }, []],
        [
            "a first expiry",
            {},
            { expireTime: "2030-01-01T00:00:00Z" },
            ["`expireTime`: never → `2030-01-01T00:00:00Z`"],
        ],
        [
            "an instant written otherwise",
            { expireTime: "2030-01-01T00:00:00Z" },
            { expireTime: "2030-01-01T02:00:00.000000+02:00" },
            [],
        ],
        [
            "a microsecond later",
            { expireTime: "2030-01-01T00:00:00Z" },
            { expireTime: "2030-01-01T00:00:00.000001Z" },
            ["`expireTime`: `2030-01-01T00:00:00Z` → `2030-01-01T00:00:00.000001Z`"],
        ],
        ["kept on, and then left alone", { disabled: false }, {}, ["`disabled`: `false` → as it is"]],
        ["a name to come", { name: "a" }, { name: UNKNOWN }, ["`name`: `a` → (known after the update)"]],
        ["a secret name", { name: "a" }, { name: SECRET }, ["`name`: `a` → [secret]"]],
        ["the wait", { propagationTimeout: "90s" }, {}, ["`propagationTimeout`: `90s` → 5m"]],
        [
            "rotation",
            { expiresIn: "90d", rotation: { every: "30d" } },
            { rotation: { every: "7d", triggers: { release: SECRET, build: UNKNOWN } } },
            [
                "`expiresIn`: `90d` → none",
                "`rotation.every`: `30d` → `7d`",
                '`rotation.triggers`: none → `{"release":"[secret]","build":"(known after the update)"}`',
            ],
        ],
        ["no rotation any more", { rotation: { overlap: "2h" } }, {}, ["`rotation.overlap`: `2h` → 24h"]],
        [
            "a rotation to come",
            { rotation: { every: "7d" } },
            { rotation: UNKNOWN },
            ['`rotation`: `{"every":"7d"}` → (known after the update)'],
        ],
        ["the order of permissions", { acls: ACLS }, { acls: [...ACLS].reverse() }, []],
        [
            "permissions",
            { acls: ACLS },
            { acls: ["api-key:endpoint:chat", "api-key:model:grok-3", "api-key:endpoint:image"] },
            [
                "`acls`: added `api-key:model:grok-3`",
                "`acls`: added `api-key:endpoint:image`",
                "`acls`: removed `api-key:model:grok-4`",
            ],
        ],
        ["permissions to come", { acls: ["a"] }, { acls: UNKNOWN }, ["`acls`: `a` → (known after the update)"]],
        [
            "a permission to come",
            { acls: ["a", "b"] },
            { acls: ["a", UNKNOWN] },
            ["`acls`: `a`, `b` → `a`, (known after the update)"],
        ],
        ["secret permissions", { acls: SECRET }, { acls: SECRET }, ["`acls`: [secret], which may change"]],
        ["an argument of another version", { acls: ACLS, later: 1 }, { acls: ACLS, later: 2 }, []],
    ];
    it.each(cases)("%s", (_name, old, next, lines) => {
        expect(linesOf("update", old, next)).toEqual(lines);
    });
});

describe("what becomes of a key", () => {
    it("tells of a new key what it may do, limits that it lacks included", () => {
        expect(linesOf("create", undefined, { name: "demo-dev-search", acls: ACLS, qps: 5 })).toEqual([
            "`name`: `demo-dev-search`",
            "`qps`: `5`",
            "`qpm`: no limit",
            "`tpm`: no limit",
            "`expireTime`: never",
            "`acls`: added `api-key:model:grok-4`",
            "`acls`: added `api-key:endpoint:chat`",
        ]);
        expect(linesOf("create", undefined, { expiresIn: "90d" })).not.toContain("`expireTime`: never");
        expect(linesOf("create", undefined, { acls: SECRET })).toContain("`acls`: added [secret]");
        expect(linesOf("create", undefined, { acls: UNKNOWN })).toContain("`acls`: added (known after the update)");
    });

    it("tells of a deleted key its name and what nobody may do with it any more", () => {
        expect(linesOf("delete", { name: "demo-dev-search", acls: ACLS, qps: 5 }, undefined)).toEqual([
            "`name`: `demo-dev-search`",
            "`acls`: removed `api-key:model:grok-4`",
            "`acls`: removed `api-key:endpoint:chat`",
        ]);
    });

    it("says of a rotation why it is due, and how long the old secret works on", () => {
        const rotationDue = "#1: changed triggers: release";
        const noteOf = (rotation: Record<string, unknown>) =>
            changesOf([step("update", { old: { acls: ACLS }, next: { acls: ACLS, rotation, rotationDue } })]).keys[0]
                ?.note;
        expect(noteOf({})).toBe(
            "A rotation is due: changed triggers: release. The key gets a new secret, and the old one works for another 24h.",
        );
        expect(noteOf({ overlap: "2h" })).toContain("works for another 2h.");
        const { keys } = changesOf([step("update", { old: {}, next: { rotationDue: UNKNOWN } })]);
        expect(keys).toMatchObject([
            { rotates: false, note: "A rotation may be due: only the update knows the triggers." },
        ]);
    });

    it("knows which secret arguments change in native mode, which tells", () => {
        const inputs = { name: SECRET, tpm: SECRET };
        const event = step("update", { type: NATIVE_KEY, old: inputs, next: inputs }, { diffs: ["tpm"] });
        expect(changesOf([event]).keys[0]?.fields).toEqual(["`tpm`: [secret], which changes"]);
    });

    const notes: [OpType, Inputs, boolean, string][] = [
        ["create", {}, false, ""],
        ["update", {}, false, "No argument changes: what an earlier update left open is finished."],
        ["replace", {}, false, "A new key with a new secret. The old key is deleted: its secret stops working."],
        ["delete", {}, false, "The key is deleted: its secret stops working."],
        [
            "delete",
            { onDelete: "disable" },
            false,
            "The key is switched off and stays in the team: its secret stops working.",
        ],
        ["delete", { onDelete: "disable" }, true, "The key stays and still works: only the stack forgets it."],
    ];
    it.each(notes)("says what it means: %s, %j, retained %s", (op, more, retainOnDelete, note) => {
        const inputs = { acls: ACLS, ...more };
        const { keys } = changesOf([step(op, { old: inputs, next: inputs }, { retainOnDelete })]);
        expect(keys.map((key) => key.note)).toEqual([note]);
    });

    it("counts a replacement once", () => {
        const both = { old: { teamId: "a" }, next: { teamId: "b" } };
        const { keys, others } = changesOf([
            step("create-replacement", both),
            step("replace", both),
            step("delete-replaced", { old: { teamId: "a" } }),
        ]);
        expect(keys).toEqual([expect.objectContaining({ verb: "replace", fields: ["`teamId`: `a` → `b`"] })]);
        expect(others).toEqual({});
    });

    it.each<OpType>(["same", "read", "refresh", "discard"])("finds no change in %s", (op) => {
        expect(hasChanges(changesOf([step(op, { old: { qps: 1 }, next: { qps: 2 } })]))).toBe(false);
    });
});

describe("the consumers of a key", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::demo::${type}::${name}`;
    const dependenciesOn = (key: string) => {
        const goal = (properties: object) => ({ goal: { propertyDependencies: properties } });
        return dependenciesIn(
            JSON.stringify({
                resourcePlans: {
                    [key]: goal({ acls: [] }),
                    [urn("store", "secret")]: goal({ data: [key], labels: [key], other: null }),
                    [urn("store", "other")]: goal({ data: [urn(NATIVE_KEY, "another")] }),
                    [urn("store", "gone")]: { steps: ["delete"] },
                },
            }),
        );
    };
    const eventsOf = (type: string, qpm: number) => [
        step("update", { type, old: { qpm: 1 }, next: { qpm } }),
        step(
            "update",
            { type: "store", name: "secret", old: { data: { KEY: SECRET } }, next: { data: { KEY: UNKNOWN } } },
            { diffs: ["data.KEY"] },
        ),
        step("create", { type: "store", name: "other", next: { data: UNKNOWN } }),
        step("delete", { type: "store", name: "gone", old: {} }),
    ];
    const told = (type: string) => {
        const changes = changesOf(eventsOf(type, 2), dependenciesOn(urn(type, "search")));
        return toMarkdown("dev", changes).split("\n\n").slice(-2).join("\n");
    };

    it("are those whose property changes, in native mode", () => {
        expect(told(NATIVE_KEY)).toBe(
            "Resources that use this key, and change with it:\n- update `secret` (store), `data`: the secret\n",
        );
        const alone = changesOf(eventsOf(NATIVE_KEY, 2).slice(0, 1), dependenciesOn(urn(NATIVE_KEY, "search")));
        expect(toMarkdown("dev", alone)).toContain("\n\nNo resource that uses this key changes with it.\n");
    });
});

describe("the comment", () => {
    it("says that there is nothing", () => {
        expect(toMarkdown("dev", changesOf([]))).toBe("## Preview of `dev`\n\nNo changes.\n");
    });

    it("counts what is no key, and leaves out Pulumi's own providers", () => {
        const changes = changesOf([
            step("create", { type: "pulumi:pulumi:Stack", next: {} }),
            step("create", { type: "kubernetes:core/v1:Secret", next: { data: "of no concern" } }),
            step("update", { type: "pulumi:providers:pulumi-nodejs", old: {}, next: { managementKey: "m" } }),
            step("import", { type: "aws:s3/bucket:Bucket", next: {} }),
        ]);
        expect(toMarkdown("dev", changes)).toBe("## Preview of `dev`\n\n- Other resources: 2 to create, 1 to import\n");
    });

    it("is in the order of names", () => {
        const changes = changesOf([
            step("update", { name: "b", old: { qps: 1 }, next: { qps: 2 } }),
            step("delete", { name: "a", old: { name: "x", acls: [] } }),
        ]);
        expect(toMarkdown("org/demo/dev", changes)).toBe(`## Preview of \`org/demo/dev\`

- Keys: 1 to update, 1 to delete

### Delete \`a\`

The key is deleted: its secret stops working.

- \`name\`: \`x\`

### Update \`b\`

- \`qps\`: \`1\` → \`2\`
`);
    });

    const names: [string, string][] = [
        ["**bold** [x](http://y) @team #1 <b>", "`**bold** [x](http://y) @team #1 <b>`"],
        ["a`b``c", "```a`b``c```"],
        ["`a`", "`` `a` ``"],
        [" a ", "`  a  `"],
        ["a\nb", "`a\\u{a}b`"],
        ["a\u202eb\u2028", "`a\\u{202e}b\\u{2028}`"],
        ["", "(empty)"],
    ];
    it.each(names)("escapes %j", (name, code) => {
        expect(linesOf("update", { name: "x" }, { name })).toEqual([`\`name\`: \`x\` → ${code}`]);
        expect(toMarkdown("dev", changesOf([step("delete", { name, old: {} })]))).toContain(`### Delete ${code}\n`);
    });

    it("keeps a name's own colons", () => {
        const { keys } = changesOf([step("delete", { name: "a::b", old: {} })]);
        expect(keys.map(({ name }) => name)).toEqual(["a::b"]);
    });
});

describe("errors", () => {
    const said = (severity: "error" | "info" | "warning", message: string): EngineEvent => ({
        sequence: 1,
        timestamp: 1,
        diagnosticEvent: { severity, message, color: "raw" },
    });

    it("are one line each, once, without their stack, and nothing but errors", () => {
        const events = [
            said("info", "apiKey,,,xai-secret"),
            said("error", "<{%fg 1%}>property qps<{%reset%}>\n has a problem\n"),
            said("error", "property qps\n has a problem\n"),
            said("error", "Running program failed:\nError: boom\n    at main (index.ts:1:7)\n    at next\n"),
            said("warning", "hm"),
        ];
        expect(errorsOf(events)).toEqual(["property qps has a problem", "Running program failed: Error: boom"]);
    });
});
