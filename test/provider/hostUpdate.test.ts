import { describe, expect, test } from "vitest";
import type { Dialect, Emulator, RecordedRequest } from "xai-management-emulator";
import { type DynamicHost, hostFor, type Properties } from "./dynamicHost.js";
import { emulate, requestsOf } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, only, type Resource, update } from "./stack.js";

const EXPIRY = "2999-01-01T00:00:00Z";
const LATER = "2999-06-01T00:00:00Z";
const OTHER_ACLS = ["api-key:model:grok-3-mini", "api-key:endpoint:chat"];
const FULL: Properties = { ...ARGS, qps: 5, qpm: 100, tpm: 50_000, expireTime: EXPIRY };

/** The key object that an update of FULL carries, but for its ids. */
const FULL_OBJECT = {
    name: "search",
    aclStrings: ACLS,
    qps: 5,
    qpm: 100,
    tpm: "50000",
    expireTime: EXPIRY,
    disabled: false,
};

/** The rest of the key object: what no update changes. The secret is not in it. */
function unchangeable({ outputs }: Resource): Properties {
    const { apiKeyId, teamId, userId, redactedApiKey, createTime } = outputs;
    return { apiKeyId, teamId, userId, redactedApiKey, createTime };
}

interface Change {
    what: string;
    args: Properties;
    mask: string;
    /** What of {@link FULL_OBJECT} differs in the body. */
    body: Properties;
    outputs: Properties;
}

const CHANGES: Change[] = [
    { what: "name", args: { name: "other" }, mask: "name", body: { name: "other" }, outputs: { name: "other" } },
    {
        what: "acls",
        args: { acls: OTHER_ACLS },
        mask: "aclStrings",
        body: { aclStrings: OTHER_ACLS },
        outputs: { acls: OTHER_ACLS },
    },
    { what: "qps", args: { qps: 6 }, mask: "qps", body: { qps: 6 }, outputs: { qps: 6 } },
    { what: "qpm", args: { qpm: 101 }, mask: "qpm", body: { qpm: 101 }, outputs: { qpm: 101 } },
    { what: "tpm", args: { tpm: "60000" }, mask: "tpm", body: { tpm: "60000" }, outputs: { tpm: "60000" } },
    {
        what: "expireTime",
        args: { expireTime: LATER },
        mask: "expireTime",
        body: { expireTime: LATER },
        outputs: { expireTime: LATER },
    },
    {
        what: "disabled",
        args: { disabled: true },
        mask: "disabled",
        body: { disabled: true },
        outputs: { disabled: true },
    },
    { what: "qps to null", args: { qps: null }, mask: "qps", body: { qps: null }, outputs: { qps: undefined } },
    { what: "qpm to null", args: { qpm: null }, mask: "qpm", body: { qpm: null }, outputs: { qpm: undefined } },
    { what: "tpm to nothing", args: { tpm: undefined }, mask: "tpm", body: { tpm: null }, outputs: { tpm: undefined } },
    {
        what: "expireTime to nothing",
        args: { expireTime: undefined },
        mask: "expireTime",
        body: { expireTime: null },
        outputs: { expireTime: undefined },
    },
    {
        what: "everything",
        args: {
            name: "other",
            acls: OTHER_ACLS,
            qps: 6,
            qpm: 101,
            tpm: 60_000,
            expireTime: LATER,
            disabled: true,
        },
        mask: "name,aclStrings,qps,qpm,tpm,expireTime,disabled",
        body: {
            name: "other",
            aclStrings: OTHER_ACLS,
            qps: 6,
            qpm: 101,
            tpm: "60000",
            expireTime: LATER,
            disabled: true,
        },
        outputs: { name: "other", acls: OTHER_ACLS, qps: 6, qpm: 101, tpm: "60000", expireTime: LATER, disabled: true },
    },
];

function updates(emulator: Emulator): RecordedRequest[] {
    return requestsOf(emulator, "updateApiKey");
}

const shared = shareHost();

describe("an update of one field", () => {
    test("sends the whole key object, and a mask that names that field alone", async () => {
        const { emulator, host } = shared;
        for (const { what, args, mask, body, outputs } of CHANGES) {
            const resource = await create(host, FULL);
            emulator.clearRequests();
            const after = await update(host, resource, { ...FULL, ...args });
            expect(only(updates(emulator)).body, what).toEqual({
                apiKey: { ...unchangeable(resource), ...FULL_OBJECT, ...body },
                fieldMask: mask,
            });
            expect(emulator.countRequests(), what).toEqual({ updateApiKey: 1 });
            const changed = Object.entries({ ...resource.outputs, ...outputs }).filter(
                ([, value]) => value !== undefined,
            );
            expect(after.outputs, what).toEqual(Object.fromEntries(changed));
        }
    });

    test("of the wait alone sends nothing", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        emulator.clearRequests();
        const after = await update(host, resource, { ...ARGS, propagationTimeout: "90s", waitForPropagation: false });
        expect(after.outputs).toEqual({ ...resource.outputs, propagationTimeout: "90s", waitForPropagation: false });
        expect(emulator.countRequests()).toEqual({});
    });

    test("keeps what the program does not manage: values changed outside survive", async () => {
        const { emulator, host } = shared;
        const resource = await create(host, FULL);
        emulator.changeKey(resource.id, { qps: 77 });
        await update(host, resource, { ...FULL, qpm: 1 });
        expect(emulator.key(resource.id)).toMatchObject({ qps: 77, qpm: 1 });
    });
});

/** Everything in which servers differ in how they take an update. */
const DIALECTS: [Partial<Dialect>, number][] = [
    [{ updateRoute: "guide", maskSpelling: "camel" }, 1],
    [{ updateRoute: "reference", missingRoute: 404 }, 2],
    [{ updateRoute: "reference", missingRoute: 405 }, 2],
    [{ updateRoute: "reference", missingRoute: 501 }, 2],
    [{ updateRoute: "guide", maskSpelling: "snake", unknownMaskPaths: "refused" }, 2],
    [{ updateRoute: "guide", maskSpelling: "snake", unknownMaskPaths: "ignored" }, 2],
    [{ updateRoute: "reference", maskSpelling: "snake", unknownMaskPaths: "ignored", missingRoute: 405 }, 3],
    [{ maskSpelling: "snake", unknownMaskPaths: "ignored", values: "normalised", answerSpelling: "acl_strings" }, 2],
];

async function changeAll(host: DynamicHost, resource: Resource): Promise<Resource> {
    const changed = await update(host, resource, { ...FULL, acls: OTHER_ACLS, expireTime: LATER, qpm: 1 });
    return update(host, changed, { ...ARGS, acls: ACLS, qps: 6 });
}

describe("how the server takes updates", () => {
    test.each(DIALECTS)("is found out with the first, and remembered: %j", async (dialect, first) => {
        const emulator = await emulate({ dialect });
        const host = await hostFor(emulator);
        const resource = await create(host, FULL);
        const other = await create(host, FULL);
        const after = await changeAll(host, resource);
        expect(after.outputs).toMatchObject({ apiKey: resource.outputs["apiKey"], qps: 6 });
        expect(emulator.key(resource.id)).toMatchObject({ qps: 6, qpm: null, tpm: null, expireTime: null });
        expect(new Set(emulator.key(resource.id)?.acls)).toEqual(new Set(ACLS));
        expect(updates(emulator)).toHaveLength(first + 1);
        await changeAll(host, other);
        expect(updates(emulator)).toHaveLength(first + 3);
    });

    test("the route is found out once by 20 updates at once", async () => {
        const emulator = await emulate({ dialect: { updateRoute: "reference", missingRoute: 405 } });
        const host = await hostFor(emulator);
        const resources = await Promise.all(Array.from({ length: 20 }, () => create(host)));
        expect(emulator.countRequests()).toEqual({
            listModels: 1,
            listEndpoints: 1,
            listApiKeys: 1,
            createApiKey: 20,
            checkApiKeyPropagation: 20,
        });
        await Promise.all(resources.map((resource) => update(host, resource, { ...ARGS, qpm: 1 })));
        expect(emulator.keys().map((key) => key.qpm)).toEqual(Array(20).fill(1));
        expect(updates(emulator)).toHaveLength(21);
    });

    test.each(["refused", "ignored"] as const)(
        "the mask's spelling is found out once by 20 updates at once, where others are %s",
        async (unknownMaskPaths) => {
            const emulator = await emulate({ dialect: { maskSpelling: "snake", unknownMaskPaths } });
            const host = await hostFor(emulator);
            const resources = await Promise.all(Array.from({ length: 20 }, () => create(host)));
            await Promise.all(resources.map((resource) => update(host, resource, { ...ARGS, acls: OTHER_ACLS })));
            expect(emulator.keys().map((key) => key.acls)).toEqual(Array(20).fill(OTHER_ACLS));
            expect(updates(emulator)).toHaveLength(21);
        },
    );

    test("a change that shows nothing does not teach a spelling: an alias that becomes its model's name", async () => {
        const emulator = await emulate({ dialect: { maskSpelling: "snake", unknownMaskPaths: "ignored" } });
        const host = await hostFor(emulator);
        const aliased = await create(host, { ...ARGS, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"] });
        const other = await create(host);
        await update(host, aliased, { ...ARGS, acls: ["api-key:model:grok-4-0709", "api-key:endpoint:chat"] });
        await update(host, other, { ...ARGS, acls: OTHER_ACLS });
        expect(emulator.key(other.id)?.acls).toEqual(OTHER_ACLS);
    });
});

test("an ignored mask is noticed although the value was changed outside meanwhile", async () => {
    const emulator = await emulate({ dialect: { maskSpelling: "snake", unknownMaskPaths: "ignored" } });
    const host = await hostFor(emulator);
    const resource = await create(host, FULL);
    emulator.changeKey(resource.id, { acls: ["api-key:model:*", "api-key:endpoint:*"], expireTime: null });
    const after = await update(host, resource, { ...FULL, acls: OTHER_ACLS, expireTime: LATER });
    expect(emulator.key(resource.id)).toMatchObject({ acls: OTHER_ACLS, expireTime: LATER });
    expect(after.outputs).toMatchObject({ acls: OTHER_ACLS, expireTime: LATER });
    expect(after.outputs).not.toHaveProperty("given");
});

describe("an update that the API does not carry out", () => {
    test("is an error where the answer still has the old value", async () => {
        const { emulator, host } = shared;
        const resource = await create(host);
        const answer = { apiKeyId: resource.id, name: "search", aclStrings: ACLS };
        emulator.inject({ operation: "updateApiKey", status: 200, body: JSON.stringify(answer) });
        const failure = await failureOf(update(host, resource, { ...ARGS, qpm: 3 }));
        expect(failure.message).toContain("`qpm` still has its old value");
        expect(failure.kept).toBeUndefined();
    });

    test("says what is wrong with the value, not with the other spelling of the mask", async () => {
        const emulator = await emulate({ dialect: { maskSpelling: "camel" } });
        const host = await hostFor(emulator, { "xai:validateAcls": "off" });
        const resource = await create(host);
        const acls = ["api-key:model:grok-99", "api-key:endpoint:chat"];
        const failure = await failureOf(update(host, resource, { ...ARGS, acls }));
        expect(failure.message).toContain("grok-99");
    });

    test.each([
        ["guide", 404],
        ["guide", 405],
        ["reference", 501],
        ["both", 404],
    ] as const)("for a key that is gone says so: %s route, others %i", async (updateRoute, missingRoute) => {
        const emulator = await emulate({ dialect: { updateRoute, missingRoute } });
        const host = await hostFor(emulator);
        const resource = await create(host);
        emulator.deleteKey(resource.id);
        const failure = await failureOf(update(host, resource, { ...ARGS, qpm: 3 }));
        expect(failure.message).toMatch(/is no longer in team .* Run `pulumi refresh`/);
        expect(failure.kept).toBeUndefined();
    });
});
