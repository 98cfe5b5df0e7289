import * as xai from "pulumi-xai";
import { expect } from "vitest";
import { type Scenario, scenarios } from "../engine/scenario.js";
import { serve } from "../servers.js";
import { ACLS } from "./oneKey.js";

const good = async () => void new xai.XaiApiKey("search", { acls: ACLS });

/** Nothing half done: no key at the API, none in the state. */
async function expectNothingDone(s: Scenario): Promise<void> {
    expect(s.emulator.keys()).toEqual([]);
    const resources = await s.resources();
    expect(resources.filter((resource) => resource.type.includes("xai"))).toEqual([]);
}

/** A server that is not xAI: it answers everything with a web page. */
function webServer(status: number): Promise<string> {
    return serve((_, response) => {
        response.writeHead(status, { "content-type": "text/html" });
        response.end("<!doctype html><html><head><title>Welcome to nginx!</title></head></html>");
    });
}

scenarios("bad input", (scenario) => {
    scenario("every violation is named at once, in the preview, with what is allowed", { always: true }, async (s) => {
        const args: Record<string, unknown> = {
            name: " ",
            acls: ["api-key:modle:grok-4", xai.acl.model("grok-5"), xai.acl.endpoint("chta")],
            qps: 0,
            qpm: -1,
            tpm: 1.5,
            expireTime: "tomorrow",
            propagationTimeout: "soon",
            limit: 3,
        };
        // What a program without types could write.
        const failure = await s.failure(s.preview(async () => void Reflect.construct(xai.XaiApiKey, ["search", args])));
        for (const line of [
            "an empty text is not allowed: a text that is not empty",
            '"api-key:modle:grok-4" is not allowed: `api-key:model:<name or *>` or `api-key:endpoint:<name or *>`; did you mean `api-key:model:grok-4`?',
            '"api-key:model:grok-5" names no model of the team; did you mean `api-key:model:grok-4`?',
            '"api-key:endpoint:chta" names no endpoint of the team; did you mean `api-key:endpoint:chat`?',
            "0 is not allowed: a whole number, 1 or more",
            "-1 is not allowed: a whole number, 1 or more",
            "1.5 is not allowed: a whole number, 1 or more, as a number or as text",
            '"tomorrow" is not allowed: an RFC 3339 instant',
            '"soon" is not allowed: a duration such as "90s" or "5m"',
            "is no argument of XaiApiKey",
        ]) {
            expect(failure).toContain(line);
        }
        expect(
            await s.failure(
                s.preview(
                    async () => void new xai.XaiApiKey("search", { acls: ACLS, expireTime: "2020-01-01T00:00:00Z" }),
                ),
            ),
        ).toContain('"2020-01-01T00:00:00Z" is in the past');
        await expectNothingDone(s);
    });

    scenario("a wrong management key is refused in the preview", {}, async (s) => {
        await s.stack.setConfig("xai:managementKey", "not-a-management-key");
        for (const run of [() => s.preview(good), () => s.up(good)]) {
            const failure = await s.failure(run());
            expect(failure).toContain("the API answered 401");
            expect(failure).toContain("pulumi config set --secret xai:managementKey");
            expect(failure).not.toMatch(/\bat .*\.js:\d+/);
        }
        await expectNothingDone(s);
    });

    scenario(
        "without a management key a preview works and up says what to set",
        {
            config: (emulator) => ({ "xai:baseUrl": emulator.url, "xai:teamId": emulator.teamId }),
        },
        async (s) => {
            const preview = await s.preview(good);
            expect(preview.changes).toEqual({ create: 2 });
            expect(preview.output).toContain("no management key is set");
            const failure = await s.failure(s.up());
            expect(failure).toContain("`xai:managementKey` is not set");
            expect(failure).toContain(
                "`pulumi config set --secret xai:managementKey`, or in the environment variable XAI_MANAGEMENT_KEY",
            );
            await expectNothingDone(s);
        },
    );

    scenario(
        "a key that may not list models previews with a warning; one that may not create says which permission",
        {},
        async (s) => {
            s.emulator.setManagementKeyAcls(["team-token:endpoint:ListApiKeys"]);
            const preview = await s.preview(good);
            expect(preview.changes).toEqual({ create: 2 });
            expect(preview.output).toContain("were not held against the team's models and endpoints");
            const failure = await s.failure(s.up());
            expect(failure).toContain("the API answered 403");
            expect(failure).toContain("team-token:endpoint:CreateApiKey");
            await expectNothingDone(s);
        },
    );

    scenario("a closed port, a web page and a wrong path each say where to look", {}, async (s) => {
        for (const [url, words] of [
            ["http://127.0.0.1:9", "the connection to http://127.0.0.1:9 failed (ECONNREFUSED)"],
            [await webServer(200), 'the answer was an HTML page, "Welcome to nginx!"'],
            [await webServer(404), 'the API answered 404: an HTML page, "Welcome to nginx!"'],
            [`${s.emulator.url}/v1`, "the API answered 404"],
        ] as const) {
            await s.stack.setConfig("xai:baseUrl", url);
            const failure = await s.failure(s.up(good));
            expect(failure).toContain(words);
            expect(failure).toContain("XAI_MANAGEMENT_BASE_URL");
            expect(failure).not.toMatch(/\bat .*\.js:\d+/);
        }
        await expectNothingDone(s);
    });

    scenario("a setting that cannot be read is named", {}, async (s) => {
        await s.stack.setConfig("xai:maxRetries", "many");
        const failure = await s.failure(s.preview(good));
        expect(failure).toContain('`xai:maxRetries` is "many", which is not a whole number');
    });
});
