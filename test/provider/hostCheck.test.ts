import { describe, expect, test, vi } from "vitest";
import { CONFIGURED_TEAM } from "../../provider/configuredTeam.js";
import { serve } from "../servers.js";
import { configFor, hostFor, startHost } from "./dynamicHost.js";
import { emulate } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, plan, update } from "./stack.js";

/** A web server that is not the Management API. */
function servePage(status: number, body: string): Promise<string> {
    return serve((_request, response) => {
        response.writeHead(status, { "content-type": "text/html" }).end(body);
    });
}

describe("check", () => {
    const shared = shareHost();

    test("reports every violation at once, each at its property, and writes nothing", async () => {
        const { host, emulator } = shared;
        const { failures } = await host.check(
            {},
            {
                name: "  ",
                acls: ["api-key:modle:grok-4", "api-key:model:grok-5", "api-key:endpoint:chatt"],
                qps: 0,
                qpm: -1,
                tpm: "many",
                expireTime: "2001-01-01T00:00:00Z",
                disabled: "yes",
                waitForPropagation: 1,
                propagationTimeout: "5 minutes",
                qpd: 4,
            },
        );
        const places = failures.map(({ property }) => property).sort();
        expect(places).toEqual(
            [
                ...["acls", "acls", "acls", "disabled", "expireTime", "name", "propagationTimeout"],
                ...["qpd", "qpm", "qps", "tpm", "waitForPropagation"],
            ].sort(),
        );
        const text = JSON.stringify(failures);
        for (const word of ["api-key:model:grok-4`", "api-key:endpoint:chat`", "in the past", "`qps`?", "5 minutes"]) {
            expect(text).toContain(word);
        }
        expect(emulator.countRequests()).toEqual({ listModels: 1, listEndpoints: 1 });
        expect(host.printed).toBe("");
    });

    test("asks for models and endpoints no second time, whatever the number of keys", async () => {
        const { host, emulator } = shared;
        await host.check({}, ARGS);
        emulator.clearRequests();
        await Promise.all(Array.from({ length: 20 }, () => host.check({}, ARGS)));
        expect(emulator.countRequests()).toEqual({});
    });

    test("takes the team from what the management key is for, asked once, and keeps it", async () => {
        const emulator = await emulate();
        const { "xai:teamId": _, ...config } = configFor(emulator);
        const host = await startHost({ config });
        const [first] = await Promise.all(Array.from({ length: 5 }, () => host.check({}, ARGS)));
        expect(first?.inputs["teamId"]).toBe(emulator.teamId);
        expect(emulator.countRequests()).toEqual({ validateManagementKey: 1, listModels: 1, listEndpoints: 1 });
        const resource = await create(host);
        expect(await plan(host, resource, ARGS)).toMatchObject({ changes: false });
    });

    test("puts the provider's own team in the place of what only says that the team is a secret", async () => {
        const emulator = await emulate({ otherTeams: ["the-provider's"] });
        const host = await hostFor(emulator, { "xai:teamId": "the-provider's" });
        const args = { ...ARGS, teamId: CONFIGURED_TEAM };
        const resource = await create(host, args);
        expect(resource.inputs["teamId"]).toBe("the-provider's");
        expect(await plan(host, resource, args)).toMatchObject({ changes: false });
        expect(await plan(host, resource, ARGS)).toMatchObject({ changes: false });
        const looked = await host.get(resource.id, { teamId: CONFIGURED_TEAM });
        expect(looked.outputs["teamId"]).toBe("the-provider's");
    });

    test("an environment that names another team later changes nothing and is warned about", async () => {
        const emulator = await emulate();
        const { "xai:teamId": _, ...config } = configFor(emulator);
        const resource = await create(await startHost({ config, env: { XAI_TEAM_ID: emulator.teamId } }));
        expect(resource.inputs["teamId"]).toBe(emulator.teamId);
        const host = await startHost({ config, env: { XAI_TEAM_ID: "another-team" } });
        const again = await plan(host, resource, ARGS);
        expect(again).toMatchObject({ changes: false, replaces: [], inputs: { teamId: emulator.teamId } });
        await plan(host, resource, ARGS);
        expect(await host.warnings(1)).toEqual([
            expect.stringMatching(/^XAI_TEAM_ID says team another-team, but keys of this stack are in team /),
        ]);
        expect(host.log).toHaveLength(1);
    });

    test("an expired key and a retired model are warned about and do not stop the stack", async () => {
        const emulator = await emulate({ now: () => new Date("2020-01-01T00:00:00Z") });
        const host = await hostFor(emulator);
        const expired = "2024-01-01T00:00:00Z";
        const acls = ["api-key:model:grok-3-mini", "api-key:endpoint:chat"];
        const created = await create(host, { ...ARGS, acls });
        const inputs = { ...created.inputs, expireTime: expired };
        const resource = { ...created, inputs, outputs: { ...created.outputs, expireTime: expired } };
        emulator.changeKey(resource.id, { expireTime: expired });
        emulator.retireModel("grok-3-mini");
        const later = await hostFor(emulator);
        const args = { ...ARGS, acls, expireTime: "2024-01-01T01:00:00+01:00", qpm: 5 };
        await update(later, resource, args);
        expect(emulator.key(resource.id)).toMatchObject({ qpm: 5 });
        expect(await later.warnings(2)).toEqual([
            expect.stringContaining("has expired"),
            expect.stringMatching(/"api-key:model:grok-3-mini" names no model of the team/),
        ]);
    });

    test("a key that can call nothing is warned about", async () => {
        const { host } = shared;
        await host.check({}, { ...ARGS, acls: ["api-key:model:*"] });
        expect(await host.warnings(1)).toEqual([expect.stringMatching(/can call nothing: .*api-key:endpoint:/)]);
    });
});

test("a warning has arrived when the call is answered, for the engine may end the host right then", async () => {
    const host = await startHost({});
    await host.check({}, ARGS);
    expect(host.log).toEqual([
        { severity: "warning", ephemeral: false, message: expect.stringContaining("no management key is set") },
    ]);
});

test("an engine that cannot be reached holds nothing up", async () => {
    const host = await startHost({ engine: "127.0.0.1:1" });
    expect(await host.check({}, ARGS)).toMatchObject({ failures: [] });
    expect(host.printed).toBe("");
});

describe("without the API, a preview", () => {
    test("works without a management key, and says what it could not see", async () => {
        const host = await startHost({});
        const { failures } = await host.check({}, ARGS);
        expect(failures).toEqual([]);
        expect(await host.warnings(1)).toEqual([expect.stringContaining("no management key is set")]);
    });

    test("works with a warning, once, where the API is not there, forbids it, or is a web page", async () => {
        const emulator = await emulate();
        emulator.setManagementKeyAcls(["team-token:endpoint:CreateApiKey"]);
        const page = await servePage(200, "<!DOCTYPE html><title>Welcome</title>");
        for (const [url, words] of [
            ["http://127.0.0.1:1", "ECONNREFUSED"],
            [emulator.url, "403"],
            [page, "Welcome"],
        ] as const) {
            const host = await hostFor(emulator, { "xai:baseUrl": url, "xai:maxRetries": "0" });
            expect(await host.check({}, ARGS)).toMatchObject({ failures: [] });
            expect(await host.check({}, { ...ARGS, name: "other" })).toMatchObject({ failures: [] });
            expect(await host.warnings(1)).toEqual([expect.stringContaining(words)]);
        }
    });

    test("fails with a wrong management key, in one clear line", async () => {
        const emulator = await emulate();
        const host = await hostFor(emulator, { "xai:managementKey": "xai-token-wrong-wrong-wrong" });
        const { failures } = await host.check({}, ARGS);
        expect(failures).toEqual([{ property: "", reason: expect.stringContaining("the API answered 401") }]);
        expect(failures[0]?.reason).toContain("pulumi config set --secret xai:managementKey");
    });
});

describe("a user's mistake", () => {
    test("in the settings is named, all of them at once, without a stack", async () => {
        const emulator = await emulate();
        const host = await hostFor(emulator, { "xai:maxRetries": "lots", "xai:requestTimeout": "soon" });
        const { message } = await failureOf(host.check({}, ARGS));
        expect(message).toContain('`xai:maxRetries` is "lots"');
        expect(message).toContain('`xai:requestTimeout` is "soon"');
        await vi.waitFor(() => expect(host.printed).toBe(`pulumi-xai: ${message}\n`));
    });

    test("a required argument that is missing is refused in the check, not in the create", async () => {
        const host = await startHost({});
        const { failures } = await host.check({}, { name: "search" });
        expect(failures).toEqual([{ property: "acls", reason: expect.stringContaining("is required") }]);
    });

    test("a missing management key names the command and the variable", async () => {
        const host = await startHost({ config: { "xai:teamId": "team" } });
        const { inputs } = await host.check({}, ARGS);
        const { message, kept } = await failureOf(host.create(inputs));
        expect(message).toContain("pulumi config set --secret xai:managementKey");
        expect(message).toContain("XAI_MANAGEMENT_KEY");
        expect(kept).toBeUndefined();
        expect(host.printed).toBe("");
    });

    test("prints neither stack nor credential, whatever is called", async () => {
        const emulator = await emulate();
        const resource = await create(await hostFor(emulator));
        const secrets = [emulator.managementKey, String(resource.outputs["apiKey"])];
        emulator.setManagementKey("xai-token-another-one-now");
        const host = await hostFor(emulator, { "xai:managementKey": secrets[0] ?? "" });
        const calls = [
            host.create(resource.inputs),
            host.read(resource.id, resource.outputs, resource.inputs),
            host.get(resource.id),
            host.update(resource.id, resource.outputs, { ...resource.inputs, qpm: 1 }),
            host.delete(resource.id, resource.outputs),
        ];
        for (const failure of await Promise.all(calls.map(failureOf))) {
            expect(failure.message).toContain("the API answered 401");
            for (const secret of secrets) {
                expect(failure.message).not.toContain(secret);
            }
        }
        expect(host.printed).not.toMatch(/^\s+at /m);
        for (const secret of secrets) {
            expect(host.printed + JSON.stringify(host.log)).not.toContain(secret);
        }
        // What the host prints can arrive after its answer.
        await vi.waitFor(() => expect(host.printed.split("\n").filter((line) => line !== "")).toHaveLength(3));
    });

    test("takes the environment's management key after a 401 on the configured one, with a warning", async () => {
        const emulator = await emulate();
        const config = configFor(emulator, { "xai:managementKey": "xai-token-old-old-old-old" });
        const host = await startHost({ config, env: { XAI_MANAGEMENT_KEY: emulator.managementKey } });
        const resource = await create(host);
        await host.delete(resource.id, resource.outputs);
        expect(await host.warnings(1)).toEqual([
            expect.stringMatching(/xai:managementKey was refused \(401\); .*XAI_MANAGEMENT_KEY/),
        ]);
        expect(JSON.stringify(host.log)).not.toContain("xai-token-");
        expect(emulator.requests.filter((request) => request.status === 401).length).toBeLessThanOrEqual(2);
    });
});

test("the secret is in no request, in no line and in no answer but where it belongs", async () => {
    const emulator = await emulate({ dialect: { values: "normalised" } });
    const host = await hostFor(emulator);
    const resource = await create(host, { ...ARGS, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"] });
    const secret = String(resource.outputs["apiKey"]);
    const after = await update(host, resource, { ...ARGS, acls: ACLS, qpm: 1 });
    const read = await host.read(after.id, after.outputs, after.inputs);
    // Another process: in this one the resource was compared, and stays.
    const later = await hostFor(emulator);
    await later.delete(read.id, read.outputs);
    expect(emulator.keys()).toEqual([]);
    expect([after.outputs["apiKey"], read.outputs["apiKey"]]).toEqual([secret, secret]);
    expect(JSON.stringify([emulator.requests, resource.inputs, after.inputs, host.log, host.printed])).not.toContain(
        secret,
    );
    expect(JSON.stringify(read.outputs).split(secret)).toHaveLength(2);
});
