import { describe, expect, test } from "vitest";
import type { Emulator } from "xai-management-emulator";
import { ConnectionError, PermissionError } from "../../provider/api/errors.js";
import { listModels } from "../../provider/api/models.js";
import { Session } from "../../provider/session.js";
import { readSettings, SettingsError } from "../../provider/settings.js";
import { httpFor } from "./apiClient.js";
import { emulate } from "./emulators.js";

function sessionFor(emulator: Emulator, config: Record<string, string> = {}, environment: Record<string, string> = {}) {
    const warnings: string[] = [];
    const given: Record<string, string> = {
        managementKey: emulator.managementKey,
        baseUrl: emulator.url,
        maxRetries: "0",
        ...config,
    };
    const settings = readSettings((key) => given[key], environment);
    return { session: new Session(settings, (message) => warnings.push(message)), warnings };
}

describe("the team of a key that names none", () => {
    test("comes from the configuration, then from the environment, and then nobody is asked", async () => {
        const emulator = await emulate();
        const environment = { XAI_TEAM_ID: "environment" };
        expect(await sessionFor(emulator, { teamId: "configured" }, environment).session.team()).toBe("configured");
        expect(await sessionFor(emulator, {}, environment).session.team()).toBe("environment");
        expect(emulator.requests).toEqual([]);
    });

    test("comes from what the management key is for, asked once", async () => {
        const emulator = await emulate();
        const { session } = sessionFor(emulator);
        const teams = await Promise.all(Array.from({ length: 5 }, () => session.team()));
        expect(new Set(teams)).toEqual(new Set([emulator.teamId]));
        expect(emulator.countRequests()).toEqual({ validateManagementKey: 1 });
    });

    test.each([404, 405, 501] as const)(
        "is a missing setting where the server cannot say (%i)",
        async (missingRoute) => {
            const emulator = await emulate({ dialect: { validation: false, missingRoute } });
            const failure = await sessionFor(emulator)
                .session.team()
                .catch((error: unknown) => error);
            expect(failure).toBeInstanceOf(SettingsError);
            expect(String(failure)).toContain("pulumi config set xai:teamId");
            expect(String(failure)).toContain("XAI_TEAM_ID");
        },
    );

    test("is a missing setting where the key is for a whole organization", async () => {
        const emulator = await emulate();
        const body = '{"scope":"SCOPE_ORGANIZATION","scopeId":"org"}';
        emulator.inject({ operation: "validateManagementKey", body });
        await expect(sessionFor(emulator).session.team()).rejects.toThrow("is not for one team alone");
    });

    test("is asked for again after a failure, but not for a check, which shares it", async () => {
        const emulator = await emulate();
        const { session } = sessionFor(emulator);
        emulator.inject({ operation: "validateManagementKey", status: 503, times: 2 });
        await expect(session.team()).rejects.toThrow("503");
        await expect(session.teamForCheck()).rejects.toThrow("503");
        expect(await session.team()).toBe(emulator.teamId);
        await expect(session.teamForCheck()).rejects.toThrow("503");
        expect(emulator.requests).toHaveLength(3);
    });
});

describe("what the team's keys can be allowed", () => {
    test("is asked for once a team, its failure too", async () => {
        const other = "6e1f4b8e-7d64-43b5-9f4b-2f4b2f6c3a10";
        const emulator = await emulate({ otherTeams: [other] });
        const { session } = sessionFor(emulator);
        emulator.inject({ operation: "listEndpoints", status: 403 });
        await expect(session.catalogue(emulator.teamId)).rejects.toThrow(PermissionError);
        await expect(session.catalogue(emulator.teamId)).rejects.toThrow(PermissionError);
        const [first, second] = await Promise.all([session.catalogue(other), session.catalogue(other)]);
        expect(first.modelNames.get("grok-4")).toBe("grok-4-0709");
        expect(second).toBe(first);
        expect(emulator.countRequests()).toEqual({ listModels: 2, listEndpoints: 2 });
    });

    test("is asked for with a limit of its own, over all attempts", async () => {
        const emulator = await emulate({ latencyMs: 5000 });
        const { http } = httpFor(emulator, { requestTimeout: 60_000, operationTimeout: 60_000, maxRetries: 8 });
        await expect(listModels(http, emulator.teamId, 100)).rejects.toThrow(ConnectionError);
        expect(emulator.requests).toHaveLength(1);
    });
});

test("each team has one shared listing of its own", async () => {
    const { session } = sessionFor(await emulate());
    expect(session.listings("a")).toBe(session.listings("a"));
    expect(session.listings("a")).not.toBe(session.listings("b"));
});

test("the same warning is shown once", async () => {
    const { session, warnings } = sessionFor(await emulate());
    session.warnOnce("one");
    session.warnOnce("two");
    session.warnOnce("one");
    expect(warnings).toEqual(["one", "two"]);
});

test("a team whose id can be none fails its look-up, and leaves no failure that nobody sees", async () => {
    const unseen: unknown[] = [];
    const note = (reason: unknown) => void unseen.push(reason);
    process.on("unhandledRejection", note);
    try {
        const { session } = sessionFor(await emulate());
        await expect(session.catalogue("..")).rejects.toThrow('".." can be the id of no team');
        await new Promise(setImmediate);
        expect(unseen).toEqual([]);
    } finally {
        process.off("unhandledRejection", note);
    }
});
