import { json } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ApiKey } from "../../provider/api/apiKeys.js";
import { type ApiKeyUpdate, UpdateDialect, updateApiKey } from "../../provider/api/updateApiKey.js";
import type { Field } from "../../provider/fields.js";
import { serve } from "../servers.js";
import { client, emulate, httpFor } from "./client.js";

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
const MISSING = [says(404, "Not Found"), says(404, `Cannot PUT /auth/api-keys/${ID}`), says(405, ""), says(501, "")];
const applies: Route = () => "applies";
const ignores: Route = () => "ignores";
const knows =
    (name: string, otherwise: Route): Route =>
    (mask) =>
        mask.every((path) => path === name || path === "qpm") ? "applies" : otherwise(mask);
const refusesMask = says(400, "unknown path in fieldMask");
const refusesValue = says(422, "no model is called b");

describe("an update of the permissions", () => {
    // The two routes, the requests that are sent, the error if there is one, and the dialect that is known afterwards.
    const CASES: [string, Route, Route, string[], RegExp | undefined, Partial<UpdateDialect>][] = [
        [
            "the Guide's route",
            applies,
            MISSING[0] as Route,
            ["guide aclStrings"],
            undefined,
            { route: "guide", spelling: "camel" },
        ],
        ...MISSING.map(
            (missing, index) =>
                [
                    `the Reference's route, the other one missing (${index})`,
                    missing,
                    applies,
                    ["guide aclStrings", "reference aclStrings"],
                    undefined,
                    { route: "reference", spelling: "camel" },
                ] as (typeof CASES)[number],
        ),
        [
            "no route",
            says(404, "first"),
            says(405, "second"),
            ["guide aclStrings", "reference aclStrings"],
            /^Could not update acls of API key "ci" \(the-key\): the API answered 404: first/,
            {},
        ],
        ["no such key, on the Guide's route", GONE, applies, ["guide aclStrings"], /404: Cannot find API key/, {}],
        [
            "no such key, on the Reference's route",
            MISSING[0] as Route,
            GONE,
            ["guide aclStrings", "reference aclStrings"],
            /404: Cannot find API key/,
            {},
        ],
        ["no permission", says(403, "no"), applies, ["guide aclStrings"], /probably needs the permission/, {}],
        [
            "snake case, the other spelling refused",
            knows("acl_strings", refusesMask),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            undefined,
            { route: "guide", spelling: "snake" },
        ],
        [
            "snake case, the other spelling ignored",
            MISSING[0] as Route,
            knows("acl_strings", ignores),
            ["guide aclStrings", "reference aclStrings", "reference acl_strings"],
            undefined,
            { route: "reference", spelling: "snake" },
        ],
        [
            "both spellings ignored",
            ignores,
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /accepted the update of API key "ci" \(the-key\), but did not change `acls` \(still \["api-key:endpoint:chat","api-key:model:a"\]\)/,
            { route: "guide" },
        ],
        [
            "ignored, then the other spelling refused",
            (mask) => (mask[0] === "aclStrings" ? "ignores" : refusesMask()),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /accepted the update .* but did not change `acls`/,
            { route: "guide" },
        ],
        [
            "refused, then the other spelling ignored",
            (mask) => (mask[0] === "aclStrings" ? refusesMask() : "ignores"),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /accepted the update .* but did not change `acls`/,
            { route: "guide" },
        ],
        [
            "the mask refused, then the value",
            (mask) => (mask[0] === "aclStrings" ? refusesMask() : refusesValue()),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /422: no model is called b/,
            { route: "guide" },
        ],
        [
            "the mask refused twice",
            (mask) => says(400, `unknown path ${mask[0]}`)(),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /400: unknown path aclStrings/,
            { route: "guide" },
        ],
        [
            "the value refused, then the mask",
            (mask) => (mask[0] === "aclStrings" ? refusesValue() : refusesMask()),
            applies,
            ["guide aclStrings", "guide acl_strings"],
            /422: no model is called b/,
            { route: "guide" },
        ],
    ];
    test.each(CASES)("with %s", async (_case, guide, reference, requests, message, known) => {
        const server = await serverOf({ guide, reference });
        const dialect = new UpdateDialect();
        const sent = updateApiKey(server.http, dialect, update({ acls: NEW }));
        if (message === undefined) {
            expect((await sent).acls).toEqual(NEW);
        } else {
            await expect(sent).rejects.toThrow(message);
        }
        expect(server.requests).toEqual(requests);
        expect({ route: dialect.route, spelling: dialect.spelling }).toEqual({
            route: undefined,
            spelling: undefined,
            ...known,
        });
        expect(dialect.discovery).toBeUndefined();
    });
});

test("a field with one spelling is not sent in another one", async () => {
    const server = await serverOf({ guide: ignores, reference: applies });
    const sent = updateApiKey(server.http, new UpdateDialect(), update({ qpm: 7, name: "new" }));
    await expect(sent).rejects.toThrow('did not change `qpm` (still null), `name` (still "ci")');
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
    for (const guide of [applies, MISSING[0] as Route]) {
        const server = await serverOf({ guide, reference: applies });
        const changes = { acls: NEW, qpm: null, disabled: true };
        await updateApiKey(server.http, new UpdateDialect(), update(changes));
        expect(server.bodies[0]).toEqual({
            apiKey: { ...HELD, aclStrings: NEW, qpm: null, disabled: true },
            fieldMask: "aclStrings,qpm,disabled",
        });
        expect(server.bodies.slice(1)).toEqual(
            guide === applies
                ? []
                : [{ apiKey: { aclStrings: NEW, qpm: null, disabled: true }, fieldMask: "aclStrings,qpm,disabled" }],
        );
    }
});

test("while the dialect is unknown one update goes first, and the others use what it finds out", async () => {
    const server = await serverOf({ guide: MISSING[0] as Route, reference: knows("acl_strings", refusesMask) });
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

test.each(
    (["guide", "reference"] as const).flatMap((updateRoute) =>
        (["camel", "snake"] as const).flatMap((maskSpelling) =>
            (["refused", "ignored"] as const).flatMap((unknownMaskPaths) =>
                ([404, 405, 501] as const).map((missingRoute) => ({
                    updateRoute,
                    maskSpelling,
                    unknownMaskPaths,
                    missingRoute,
                })),
            ),
        ),
    ),
)("the emulator's dialect %j is found out", async (dialect) => {
    const emulator = await emulate({ dialect });
    const { apiKeyId, teamId, name } = emulator.addKey();
    const known = new UpdateDialect();
    const changes = { acls: ["api-key:model:*"], expireTime: "2099-01-01T00:00:00Z", tpm: "5" };
    const changed = await updateApiKey(httpFor(emulator), known, update(changes, { apiKeyId, name, teamId }));
    expect(changed).toMatchObject(changes);
    expect(known).toMatchObject({ route: dialect.updateRoute, spelling: dialect.maskSpelling });
});
