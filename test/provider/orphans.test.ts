import { describe, expect, test } from "vitest";
import type { Emulator } from "xai-management-emulator";
import { check } from "../../provider/apiKeyCheck.js";
import { create, remove } from "../../provider/apiKeyLifecycle.js";
import { KeyClaims } from "../../provider/keyClaims.js";
import { describeUnclaimed, unclaimed } from "../../provider/orphans.js";
import { hostFor, PROVIDER_TEXT } from "./dynamicHost.js";
import { emulate } from "./emulators.js";
import { apiKeyWith } from "./keys.js";
import { BY_DEFAULT, BY_NAME, DEFAULT, type Process, processFor, up } from "./surroundings.js";

describe("what is known of who holds which key", () => {
    test("a check with old inputs holds one key of the old name, until the comparison says which", () => {
        const claims = new KeyClaims();
        claims.checked(undefined, "n", "n");
        expect(claims.heldUnseen("n")).toBe(0);
        claims.checked("n", "n", "n");
        claims.checked("n", "other", undefined);
        expect(claims.heldUnseen("n")).toBe(2);
        claims.compared("a", "n");
        claims.compared("a", "n");
        expect(claims.heldUnseen(" n ")).toBe(1);
        claims.compared("b", "n");
        claims.compared("c", "n");
        expect(claims.heldUnseen("n")).toBe(0);
        expect(["a", "b", "c", "d"].map((id) => claims.isHeld(id))).toEqual([true, true, true, false]);
    });

    test("a name is the default one where the class gave it, and no program", () => {
        const claims = new KeyClaims();
        claims.checked(undefined, "default", "default");
        claims.checked(undefined, "kept by ignoreChanges", "default");
        claims.checked(undefined, "given", undefined);
        expect(["default", "kept by ignoreChanges", "given", "new"].map((name) => claims.isDefaultName(name))).toEqual([
            true,
            false,
            false,
            false,
        ]);
        claims.checked(undefined, "default", undefined);
        expect(claims.isDefaultName("default")).toBe(false);
    });
});

describe("keys of a name that nobody holds", () => {
    const listed = ["a", "b", "c"].map((apiKeyId) => apiKeyWith({ apiKeyId, name: apiKeyId === "c" ? "other" : "n" }));

    test.each<[string, string[], number, string[], number]>([
        ["all", [], 0, ["a", "b"], 2],
        ["what is not held", ["a"], 0, ["b"], 1],
        ["none where all are held", ["a", "b"], 0, [], 0],
        ["none where as many may be held", [], 2, ["a", "b"], 0],
        ["one of two where one may be held", [], 1, ["a", "b"], 1],
        ["none where one is held and one may be", ["b"], 1, ["a"], 0],
        ["none where more may be held", [], 5, ["a", "b"], 0],
    ])("are %s", (_what, held, heldUnseen, apiKeyIds, surplus) => {
        const claims = { isHeld: (id: string) => held.includes(id), heldUnseen: () => heldUnseen };
        const unreadable = { apiKeyId: "odd", unreadable: "name" };
        expect(unclaimed("n", [...listed, unreadable], claims)).toEqual({ apiKeyIds, surplus });
    });

    test("are none of those that are switched off: they were left on purpose, and can call nothing", () => {
        const off = apiKeyWith({ apiKeyId: "off", name: "n", disabled: true });
        const claims = { isHeld: () => false, heldUnseen: () => 0 };
        expect(unclaimed("n", [off, ...listed], claims)).toEqual({ apiKeyIds: ["a", "b"], surplus: 2 });
        // An interrupted create may have switched off what is to be off.
        expect(unclaimed("n", [off, ...listed], claims, true).apiKeyIds).toContain(off.apiKeyId);
    });

    test("are named by their ids, with what to do", () => {
        expect(describeUnclaimed("t", { apiKeyIds: ["a"], surplus: 1 })).toMatch(
            /^API key a of team t has the default/,
        );
        const two = describeUnclaimed("t", { apiKeyIds: ["a", "b"], surplus: 1 });
        expect(two).toMatch(/^1 of the API keys a, b of team t have the default name/);
        expect(two).toContain("delete there what nobody uses");
    });
});

/** What a process says of keys that were left behind when it ends. */
function alarms({ session }: Process): readonly string[] {
    return session.orphans.warnings();
}

/** A key as an earlier process made it under the default name. */
function earlier(emulator: Emulator): string {
    return emulator.addKey({ name: DEFAULT }).apiKeyId;
}

const OLD_INPUTS = { name: DEFAULT, acls: BY_DEFAULT["acls"] };

describe("before a create", () => {
    test("a key of the same default name that nobody holds is warned about, and not touched", async () => {
        const emulator = await emulate({ dialect: { maxPageSize: 1 } });
        const left = earlier(emulator);
        emulator.addKey({ name: "someone else's" });
        const process = processFor(emulator);
        await up(process, BY_DEFAULT);
        expect(alarms(process)).toEqual([expect.stringContaining(`API key ${left} of team ${emulator.teamId}`)]);
        expect(emulator.key(left)?.previousApiKeys).toEqual([]);
        await up(process, BY_DEFAULT);
        expect(alarms(process)).toHaveLength(1);
    });

    test("it is warned about also where the create fails, or keeps an unfinished key", async () => {
        const emulator = await emulate();
        const left = earlier(emulator);
        for (const operation of ["createApiKey", "updateApiKey"] as const) {
            emulator.inject({ operation, status: 400 });
            const process = processFor(emulator);
            await expect(up(process, { ...BY_DEFAULT, disabled: true })).rejects.toThrow("400");
            expect(alarms(process)).toEqual([expect.stringContaining(left)]);
        }
    });

    test("no alarm for a name that the program gave", async () => {
        const emulator = await emulate();
        emulator.addKey({ name: String(BY_NAME["name"]) });
        const process = processFor(emulator);
        await up(process, BY_NAME);
        expect(alarms(process)).toEqual([]);
    });

    test("no alarm for --replace, which creates without a word of the old key, and deletes that last", async () => {
        const emulator = await emulate();
        const old = earlier(emulator);
        const process = processFor(emulator);
        await up(process, BY_DEFAULT);
        await remove(process, old, { ...OLD_INPUTS, apiKeyId: old, teamId: emulator.teamId });
        expect(alarms(process)).toEqual([]);
    });

    test("an alarm for the one key more than there are resources that may hold one", async () => {
        const emulator = await emulate();
        const both = [earlier(emulator), earlier(emulator)];
        const process = processFor(emulator);
        await check(process, OLD_INPUTS, BY_DEFAULT, Date.now());
        await up(process, BY_DEFAULT);
        expect(alarms(process)).toEqual([expect.stringContaining(`1 of the API keys ${both.join(", ")}`)]);
    });

    test("no alarm for a replacement in progress", async () => {
        const emulator = await emulate();
        const held = earlier(emulator);
        const process = processFor(emulator);
        await check(process, OLD_INPUTS, BY_DEFAULT, Date.now());
        process.session.claims.compared(held, DEFAULT);
        await up(process, BY_DEFAULT);
        expect(alarms(process)).toEqual([]);
    });

    test("no alarm for an equal name under another component, whose check comes later", async () => {
        const emulator = await emulate();
        const held = earlier(emulator);
        const process = processFor(emulator);
        await up(process, BY_DEFAULT);
        await check(process, OLD_INPUTS, BY_DEFAULT, Date.now());
        process.session.claims.compared(held, DEFAULT);
        expect(alarms(process)).toEqual([]);
    });

    test("no alarm for keys that this very process made under the same name", async () => {
        const emulator = await emulate();
        const process = processFor(emulator);
        const { inputs } = await check(process, {}, BY_DEFAULT, Date.now());
        await Promise.all([create(process, inputs), create(process, inputs)]);
        await create(process, inputs);
        expect(alarms(process)).toEqual([]);
        expect(emulator.countRequests()).toMatchObject({ listApiKeys: 1, createApiKey: 3 });
    });
});

test("the host says it when the engine ends it, and the comparisons until then count", async () => {
    const emulator = await emulate();
    const host = await hostFor(emulator);
    const [held, left] = [earlier(emulator), earlier(emulator)];
    const args = { __provider: PROVIDER_TEXT, ...BY_DEFAULT };
    const { inputs } = await host.check({ __provider: PROVIDER_TEXT, ...OLD_INPUTS }, args);
    expect(inputs).not.toHaveProperty("__defaultName");
    const outputs = {
        ...OLD_INPUTS,
        apiKeyId: held,
        teamId: emulator.teamId,
        disabled: false,
        __provider: PROVIDER_TEXT,
    };
    await host.diff(held, outputs, inputs);
    const created = await host.check({}, args);
    await host.create(created.inputs);
    expect(await host.warnings(0)).toEqual([]);
    await host.end();
    expect(await host.warnings(1)).toEqual([expect.stringContaining(`API key ${left} of team`)]);
});
