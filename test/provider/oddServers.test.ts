import { json } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { create, diff, read, update } from "../../provider/apiKeyLifecycle.js";
import { stateOutputs } from "../../provider/apiKeyState.js";
import { InitializationError } from "../../provider/initializationError.js";
import { Session } from "../../provider/session.js";
import { readSettings } from "../../provider/settings.js";
import { serve } from "../servers.js";

/** What the published page allows, but the emulator does not do: servers written for one test each. */
type Answer = (method: string, path: string, body: unknown) => { status?: number; body: unknown };

async function surroundingsOf(answer: Answer) {
    const baseUrl = await serve(async (request, response) => {
        const body = request.method === "GET" ? undefined : await json(request).catch(() => undefined);
        const { status = 200, body: answered } = answer(request.method ?? "", request.url ?? "", body);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answered));
    });
    const config: Record<string, string> = { baseUrl, managementKey: "k", teamId: "team" };
    const session = new Session(
        readSettings((key) => config[key], {}),
        () => undefined,
    );
    return { session, progress: () => undefined };
}

const updateSchema = z.object({ apiKey: z.record(z.string(), z.unknown()), fieldMask: z.string() });
const INPUTS = { name: "n", acls: ["api-key:model:a", "api-key:endpoint:chat"], waitForPropagation: false };

describe("a server that spells the two fields of a mask differently", () => {
    test.each([
        ["acl_strings", "expireTime"],
        ["aclStrings", "expire_time"],
    ])("%s and %s is understood, in one update and in two", async (acls, expireTime) => {
        const known = new Map([
            [acls, "aclStrings"],
            [expireTime, "expireTime"],
            ["qpm", "qpm"],
        ]);
        const surroundings = await surroundingsOf((method, _path, body) => {
            if (method === "POST") {
                return { body: { apiKeyId: "id", apiKey: "xai-secret-secret", ...key } };
            }
            if (method === "GET") {
                return { body: {} };
            }
            const { apiKey, fieldMask } = updateSchema.parse(body);
            if (fieldMask.split(",").some((path) => !known.has(path))) {
                return { status: 400, body: { message: "unknown path in fieldMask" } };
            }
            for (const path of fieldMask.split(",")) {
                const field = known.get(path) ?? "";
                key = { ...key, [field]: apiKey[field] };
            }
            return { body: { apiKeyId: "id", ...key } };
        });
        let key: Record<string, unknown> = { name: "n", aclStrings: INPUTS.acls };
        const made = await create(surroundings, INPUTS);
        const both = {
            ...INPUTS,
            acls: ["api-key:model:b", "api-key:endpoint:chat"],
            expireTime: "2031-01-01T00:00:00Z",
        };
        const changed = await update(surroundings, stateOutputs(made), both);
        expect(changed).toMatchObject({ acls: both.acls, expireTime: both.expireTime });
        const later = { ...both, expireTime: "2032-01-01T00:00:00Z" };
        expect(await update(surroundings, stateOutputs(changed), later)).toMatchObject({
            expireTime: later.expireTime,
        });
    });
});

test("values that only the listing normalises are no drift and no permanent difference", async () => {
    const inputs = { ...INPUTS, expireTime: "2031-01-01T00:00:00.123456789Z" };
    const surroundings = await surroundingsOf((method, path) => {
        const key = { apiKeyId: "id", name: "n", qpm: null };
        if (method === "POST") {
            return {
                body: { ...key, apiKey: "xai-secret-secret", aclStrings: inputs.acls, expireTime: inputs.expireTime },
            };
        }
        if (path.endsWith("/models")) {
            const languageModels = [{ name: "a-0709", aliases: ["a"] }];
            return { body: { clusterConfigs: [{ clusterName: "c", languageModels }] } };
        }
        const aclStrings = ["api-key:endpoint:chat", "api-key:model:a-0709"];
        return {
            body: path.endsWith("/endpoints")
                ? { acls: [] }
                : { apiKeys: [{ ...key, aclStrings, expireTime: "2031-01-01T00:00:00.123456Z" }] },
        };
    });
    const made = await create(surroundings, inputs);
    const found = await read(surroundings, "id", stateOutputs(made));
    expect(found?.inputs).toBeUndefined();
    expect(diff(stateOutputs(found?.state ?? made), inputs).changes).toBe(false);
    const again = await read(surroundings, "id", stateOutputs(found?.state ?? made));
    expect(again?.state).toEqual(found?.state);
});

test("a create that answers without the secret keeps a key that cannot be deleted, until it is replaced", async () => {
    const surroundings = await surroundingsOf(() => ({ body: { apiKeyId: "id", name: "n", aclStrings: INPUTS.acls } }));
    const failure = await create(surroundings, INPUTS).catch((error: unknown) => error);
    if (!(failure instanceof InitializationError)) {
        throw failure;
    }
    expect(failure.message).toContain("did not hold its secret");
    expect(diff(stateOutputs(failure.state), INPUTS)).toMatchObject({ changes: true, replaces: ["apiKey"] });
});

test("one key that cannot be read stops no other, and is not said to be gone", async () => {
    const surroundings = await surroundingsOf((method) =>
        method === "POST"
            ? { body: { apiKeyId: "id", apiKey: "xai-secret-secret", name: "n", aclStrings: INPUTS.acls } }
            : {
                  body: {
                      apiKeys: [
                          { apiKeyId: "odd", name: "n", qps: 1.5 },
                          { apiKeyId: "id", name: "n", aclStrings: INPUTS.acls },
                      ],
                  },
              },
    );
    const made = await create(surroundings, INPUTS);
    expect((await read(surroundings, "id", stateOutputs(made)))?.inputs).toBeUndefined();
    await expect(read(surroundings, "odd", { ...stateOutputs(made), apiKeyId: "odd" })).rejects.toThrow("its qps has");
});
