import { json } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import { type ApiKeyUpdate, UpdateDialect, updateApiKey } from "../../provider/api/updateApiKey.js";
import type { Field } from "../../provider/fields.js";
import { serve } from "../servers.js";
import { client } from "./client.js";

const OLD = ["api-key:endpoint:chat", "api-key:model:a"];
const NEW = ["api-key:endpoint:chat", "api-key:model:b"];
const ID = "the-key";
const HELD = { apiKeyId: ID, teamId: "t", name: "ci", aclStrings: OLD };

const update = (changes: ApiKeyUpdate["changes"], key = { apiKeyId: ID, name: "ci", teamId: "t" }): ApiKeyUpdate => ({
    key,
    stored: { ...HELD, apiKeyId: key.apiKeyId, teamId: key.teamId },
    changes,
    notApplied: async (answer: ApiKey) =>
        (Object.keys(changes) as Field[]).filter((field) => !isDeepStrictEqual(answer[field], changes[field])),
});

const bodySchema = z.object({ apiKey: z.record(z.string(), z.unknown()), fieldMask: z.string() });

/** What a server does with an update on one route: its status and words for a mask, or how it carries the mask out. */
type Route = (mask: readonly string[]) => { status: number; message: string } | "applies" | "ignores";

/** A server with the two routes. It keeps the requests: `guide acls`, `reference acl_strings`. */
async function serverOf(routes: { readonly guide: Route; readonly reference: Route }) {
    const requests: string[] = [];
    const bodies: z.infer<typeof bodySchema>[] = [];
    let held: Record<string, unknown> = HELD;
    const baseUrl = await serve(async (request, response) => {
        const body = bodySchema.parse(await json(request));
        const route = request.url === "/auth/teams/t/api-keys" ? "guide" : "reference";
        requests.push(`${route} ${body.fieldMask}`);
        bodies.push(body);
        const outcome = routes[route](body.fieldMask.split(","));
        if (typeof outcome === "object") {
            response.writeHead(outcome.status).end(JSON.stringify({ message: outcome.message }));
            return;
        }
        held = outcome === "applies" ? { ...held, ...body.apiKey } : held;
        response.end(JSON.stringify(held));
    });
    return { http: client(baseUrl, { maxRetries: 0 }).http, requests, bodies };
}

const says = (status: number, message: string) => () => ({ status, message });
const GONE = says(404, "Cannot find API key");
const MISSING = says(404, "Not Found");
const applies: Route = () => "applies";
const ignores: Route = () => "ignores";
const knows =
    (name: string, otherwise: Route): Route =>
    (mask) =>
        mask.every((path) => path === name || path === "qpm") ? "applies" : otherwise(mask);
const refusesMask = says(400, "unknown path in fieldMask");
const refusesValue = says(422, "no model is called b");

/** One outcome for the first spelling of a mask, another one for the second. */
const either =
    (camel: Route, snake: Route): Route =>
    (mask) =>
        mask[0] === "aclStrings" ? camel(mask) : snake(mask);

describe("an update of the permissions", () => {
    const [GC, GS, RC, RS] = ["guide aclStrings", "guide acl_strings", "reference aclStrings", "reference acl_strings"];
    const [gone, unchanged] = [/404: Cannot find API key/, /accepted the update .* but did not apply `acls`/];
    const [noPermission, noModel] = [/probably needs the permission/, /422: no model is called b/];
    const noRoute = /^Could not update acls of API key "ci" \(the-key\): the API answered 404: first/;
    // The two routes, the requests that are sent, the error if there is one, and the dialect that is known afterwards.
    test.each<
        [string, Route, Route, string[], RegExp | undefined, UpdateDialect["route"]?, UpdateDialect["spelling"]?]
    >([
        ["the Guide's route", applies, MISSING, [GC], undefined, "guide", "camel"],
        ["the Reference's route", MISSING, applies, [GC, RC], undefined, "reference", "camel"],
        ["a 404 of the route", says(404, `Cannot PUT /x/${ID}`), applies, [GC, RC], undefined, "reference", "camel"],
        ["405 for the Guide's route", says(405, ""), applies, [GC, RC], undefined, "reference", "camel"],
        ["501 for the Guide's route", says(501, ""), applies, [GC, RC], undefined, "reference", "camel"],
        ["no route", says(404, "first"), says(405, "second"), [GC, RC], noRoute],
        ["no such key, on the Guide's route", GONE, applies, [GC], gone],
        ["no such key, on the Reference's route", MISSING, GONE, [GC, RC], gone],
        ["no permission", says(403, "no"), applies, [GC], noPermission],
        ["camel case refused", knows("acl_strings", refusesMask), applies, [GC, GS], undefined, "guide", "snake"],
        ["camel case ignored", MISSING, knows("acl_strings", ignores), [GC, RC, RS], undefined, "reference", "snake"],
        ["both spellings ignored", ignores, applies, [GC, GS], unchanged, "guide"],
        ["ignored, then refused", either(ignores, refusesMask), applies, [GC, GS], unchanged, "guide"],
        ["refused, then ignored", either(refusesMask, ignores), applies, [GC, GS], unchanged, "guide"],
        ["the mask, then the value refused", either(refusesMask, refusesValue), applies, [GC, GS], noModel, "guide"],
        ["the value, then the mask refused", either(refusesValue, refusesMask), applies, [GC, GS], noModel, "guide"],
        ["the mask refused twice", refusesMask, applies, [GC, GS], /400: unknown path in fieldMask/, "guide"],
    ])("with %s", async (_case, guide, reference, requests, message, route, spelling) => {
        const server = await serverOf({ guide, reference });
        const dialect = new UpdateDialect();
        const sent = updateApiKey(server.http, dialect, update({ acls: NEW }));
        if (message === undefined) {
            expect((await sent).acls).toEqual(NEW);
        } else {
            await expect(sent).rejects.toThrow(message);
        }
        expect(server.requests).toEqual(requests);
        expect([dialect.route, dialect.spelling, dialect.discovery]).toEqual([route, spelling, undefined]);
    });
});

test("a field with one spelling is not sent in another one", async () => {
    const server = await serverOf({ guide: ignores, reference: applies });
    const sent = updateApiKey(server.http, new UpdateDialect(), update({ qpm: 7, name: "new" }));
    await expect(sent).rejects.toThrow('did not apply `qpm` (it holds null), `name` (it holds "ci")');
    expect(server.requests).toEqual(["guide name,qpm"]);
});

test("an alias that moves nothing proves no spelling", async () => {
    const server = await serverOf({ guide: ignores, reference: applies });
    const dialect = new UpdateDialect();
    const aliased = { ...update({ acls: NEW }), notApplied: async () => [] };
    expect((await updateApiKey(server.http, dialect, aliased)).acls).toEqual(OLD);
    expect(dialect.spelling).toBeUndefined();
});

test("the Guide's body is the stored object with the changes, the Reference's is the changes alone", async () => {
    for (const guide of [applies, MISSING]) {
        const server = await serverOf({ guide, reference: applies });
        const changes = { acls: NEW, qpm: null, disabled: true };
        await updateApiKey(server.http, new UpdateDialect(), update(changes));
        const changed = { aclStrings: NEW, qpm: null, disabled: true };
        const sent = [{ ...HELD, ...changed }, ...(guide === applies ? [] : [changed])];
        expect(server.bodies).toEqual(sent.map((apiKey) => ({ apiKey, fieldMask: "aclStrings,qpm,disabled" })));
    }
});

test("while the dialect is unknown one update goes first, and the others use what it finds out", async () => {
    const server = await serverOf({ guide: MISSING, reference: knows("acl_strings", refusesMask) });
    const dialect = new UpdateDialect();
    await Promise.all([1, 2, 3, 4].map(() => updateApiKey(server.http, dialect, update({ acls: NEW, qpm: 7 }))));
    await updateApiKey(server.http, dialect, update({ qpm: null }));
    expect(server.requests).toEqual([
        "guide aclStrings,qpm",
        "reference aclStrings,qpm",
        ...Array.from({ length: 4 }, () => "reference acl_strings,qpm"),
        "reference qpm",
    ]);
});

test("Updates go side by side where the server never shows which spelling it understands", async () => {
    const waiting: (() => void)[] = [];
    let requests = 0;
    const baseUrl = await serve((_request, response) => {
        requests += 1;
        const answer = () => response.end(JSON.stringify(HELD));
        if (requests <= 2) {
            answer();
        } else if (waiting.push(answer) === 4) {
            for (const one of waiting) {
                one();
            }
        }
    });
    const { http } = client(baseUrl, { maxRetries: 0 });
    const dialect = new UpdateDialect();
    await Promise.all(Array.from({ length: 6 }, () => updateApiKey(http, dialect, update({ acls: OLD }))));
    expect(requests).toBe(6);
});
