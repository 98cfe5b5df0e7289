import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as dynamic from "pulumi-xai";
import * as native from "pulumi-xai/native";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import {
    appliesTo,
    endlessSecret,
    exportedSecrets,
    type KeyArgs,
    missingLimits,
    unprotected,
    wildcards,
} from "../../examples/policy/rules";
import { NO_CLI, titleUnless } from "../engine/cli.js";
import { configFor } from "../engine/config.js";
import { leaks } from "../engine/leaks.js";
import { createStack } from "../engine/testStack.js";

const PACK = resolve(__dirname, "../../examples/policy");
const CHAT = "api-key:endpoint:chat";
const GROK = "api-key:model:grok-4";

const key = (args: Partial<KeyArgs>): KeyArgs => ({ acls: [GROK, CHAT], ...args });

/** A value that cannot be read yet, as a policy sees it in a preview. */
function unknownIn<Whole extends object>(whole: Whole, property: PropertyKey): Whole {
    return Object.defineProperty(whole, property, {
        enumerable: true,
        get: () => {
            throw new Error(`${String(property)} is not known yet`);
        },
    });
}

/** The messages of a rule, the error of an unknown value among them. */
function messagesOf(rule: Iterable<string>): string[] {
    const messages: string[] = [];
    try {
        for (const message of rule) {
            messages.push(message);
        }
    } catch (error) {
        messages.push(String(error));
    }
    return messages;
}

describe("a rule of the policy pack", () => {
    test.each([
        ["prod", true],
        ["prod-eu", true],
        ["preprod", false],
        ["dev", true],
        ["dev2", false],
    ])("knows its stacks: %s", (stack, applies) => {
        expect(appliesTo(["prod*", "dev"], stack)).toBe(applies);
    });

    const everyModel =
        'Key "search" may use every model. Name the models that it needs, such as `acl.model("grok-4")`.';
    const everyEndpoint =
        'Key "search" may call every endpoint. Name the endpoints that it needs, such as `acl.endpoint("chat")`.';
    const cases: [string, () => Iterable<string>, string[]][] = [
        ["named permissions", () => wildcards("search", key({})), []],
        [
            "all permissions",
            () => wildcards("search", key({ acls: ["api-key:model:*", "api-key:endpoint:*"] })),
            [everyModel, everyEndpoint],
        ],
        [
            "an unknown permission before a wildcard",
            () => wildcards("search", key({ acls: unknownIn(["", "api-key:model:*"], 0) })),
            [everyModel, "Error: 0 is not known yet"],
        ],
        ["its limits", () => missingLimits("search", key({ qpm: 1, tpm: "2" }), ["qpm", "tpm"]), []],
        [
            "a limit of null",
            () => missingLimits("search", key({ qpm: null }), ["qpm"]),
            ['Key "search" has no limit of queries a minute. Set `qpm`.'],
        ],
        [
            "an unknown limit and a missing one",
            () => missingLimits("search", unknownIn(key({}), "qpm"), ["qpm", "tpm"]),
            ['Key "search" has no limit of tokens a minute. Set `tpm`.', "Error: qpm is not known yet"],
        ],
        ["an expiry", () => endlessSecret("search", key({ expireTime: "2099-01-01T00:00:00Z" })), []],
        ["a duration", () => endlessSecret("search", key({ expiresIn: "90d" })), []],
        ["a rotation", () => endlessSecret("search", unknownIn(key({ rotation: { every: "30d" } }), "expiresIn")), []],
        [
            "triggers alone",
            () => endlessSecret("search", key({ rotation: { triggers: {}, overlap: "2h" } })),
            [
                'Key "search" never expires, and nothing renews its secret. Set `rotation.every` or `expiresIn`, such as "90d".',
            ],
        ],
        [
            "an unknown expiry",
            () => endlessSecret("search", unknownIn(key({}), "expireTime")),
            ["Error: expireTime is not known yet"],
        ],
        ["protect", () => unprotected("search", "prod", unknownIn(key({}), "onDelete"), true), []],
        ["onDelete", () => unprotected("search", "prod", key({ onDelete: "disable" }), false), []],
        [
            "neither of them",
            () => unprotected("search", "prod", key({ onDelete: "delete" }), false),
            [
                'Key "search" of stack "prod" can be deleted for good. Set the option `protect: true` or `onDelete: "disable"`.',
            ],
        ],
    ];
    test.each(cases)("reads %s", (_title, rule, messages) => {
        expect(messagesOf(rule())).toEqual(messages);
    });

    test("finds a secret anywhere in the outputs, but in those that are allowed or not known", () => {
        const outputs = unknownIn(
            { plain: "xai-secret-1", deep: { env: ["KEY=xai-secret-1"] }, other: "xai-secret-2", later: "" },
            "later",
        );
        const found = messagesOf(exportedSecrets(new Map([["xai-secret-1", "search"]]), outputs, ["plain"]));
        expect(found).toEqual([
            'The stack output "deep" holds the secret of key "search". Write the secret to a secret store instead. If the output is no Pulumi secret, rotate the key.',
        ]);
    });
});

describe.skipIf(NO_CLI)(titleUnless(NO_CLI, "the policy pack on the CLI"), () => {
    let folder: string;
    let path: string;

    // A pack in a folder needs the Node language host, which inline programs do not: an executable starts it as the host does.
    beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), "pulumi-xai-policy-"));
        path = join(folder, "xai-keys");
        const run = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
        await writeFile(path, `#!/bin/sh\ncd "${PACK}" && exec "${process.execPath}" "${run}" "$1" .\n`);
        await chmod(path, 0o755);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    async function stackWith(options: { readonly native: boolean; readonly level: string }) {
        const config = join(folder, "policy.json");
        const production = { stacks: ["test"] };
        await writeFile(
            config,
            JSON.stringify({
                all: options.level,
                "xai-key-no-wildcards": production,
                "xai-key-protected": production,
                "xai-key-limits": { limits: ["tpm"] },
            }),
        );
        const emulator = await startEmulator();
        const violations: Record<string, string> = {};
        const stack = await createStack({
            native: options.native,
            policyPack: { path, config },
            config: configFor(emulator),
            onEvent: ({ policyEvent: event }: EngineEvent) => {
                if (event) {
                    const name = event.resourceUrn?.split("::").at(-1) ?? "";
                    violations[`${event.enforcementLevel} ${event.policyName} ${name}`] = event.message;
                }
            },
        });
        const close = async () => {
            await stack.dispose();
            await emulator.close();
        };
        return { stack, emulator, violations, close };
    }

    test("advises on keys of dynamic mode, and on a secret in an output", async () => {
        const { stack, emulator, violations, close } = await stackWith({ native: false, level: "advisory" });
        try {
            stack.program = async () => {
                const wide = new dynamic.XaiApiKey("wide", { acls: [dynamic.acl.allModels, CHAT] });
                new dynamic.XaiApiKey(
                    "good",
                    { acls: [GROK, CHAT], tpm: 1000, rotation: { every: "30d" } },
                    { protect: true },
                );
                return { secret: wide.apiKey, id: wide.apiKeyId };
            };
            const { output } = await stack.up();
            expect(Object.keys(violations).sort()).toEqual([
                "advisory xai-key-expiry-or-rotation wide",
                "advisory xai-key-limits wide",
                "advisory xai-key-no-wildcards wide",
                "advisory xai-key-not-exported shop-test",
                "advisory xai-key-protected wide",
            ]);
            expect(emulator.keys()).toHaveLength(2);
            expect(leaks(emulator.secrets(), [{ name: "output", text: output + JSON.stringify(violations) }])).toEqual(
                [],
            );
        } finally {
            await close();
        }
    });

    test("stops keys of native mode in a preview, and leaves to the run what only the run knows", async () => {
        const { stack, violations, close } = await stackWith({ native: true, level: "mandatory" });
        try {
            stack.program = async () => {
                const wide = new native.XaiApiKey("wide", { acls: [native.acl.allModels, CHAT], tpm: 1000 });
                const tpm = wide.apiKeyId.apply(() => 1000);
                new native.XaiApiKey("later", { acls: [GROK, CHAT], onDelete: "disable", expiresIn: "90d", tpm });
            };
            await expect(stack.preview()).rejects.toThrow("preview failed");
            expect(violations).toMatchObject({
                "mandatory xai-key-no-wildcards wide": expect.stringContaining('Key "wide" may use every model.'),
                "advisory xai-key-limits later": expect.stringContaining("value at .tpm can't be known"),
            });
            expect(Object.keys(violations)).toHaveLength(4);
        } finally {
            await close();
        }
    });
});
