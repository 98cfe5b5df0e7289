import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import * as xai from "../../sdk/index.js";

const OUTPUTS = {
    apiKeyId: "id-1",
    apiKey: "xai-secret",
    redactedApiKey: "xai-...cret",
    userId: "user",
    teamId: "team",
    createTime: "2027-01-01T00:00:00.000000Z",
    rotatedAt: "2027-02-01T00:00:00.000Z",
    previousSecretExpiresAt: "2027-02-02T00:00:00.000Z",
    name: "n",
    acls: ["a"],
    qps: 1,
    qpm: 2,
    tpm: "3",
    expireTime: "2999-01-01T00:00:00Z",
    disabled: false,
};

let registered: pulumi.runtime.MockResourceArgs[] = [];

beforeEach(async () => {
    registered = [];
    const newResource = (args: pulumi.runtime.MockResourceArgs) => {
        registered.push(args);
        return { id: "id-1", state: { ...args.inputs, ...OUTPUTS } };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "shop", "prod");
});

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((done) => {
        output.apply(done);
    });
}

const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

describe("a key of a program", () => {
    test("is registered under the fixed type, with the fixed text and its arguments alone", async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, qps: 5, tpm: null });
        await resolved(key.urn);
        expect(registered).toEqual([
            expect.objectContaining({ type: "pulumi-nodejs:dynamic/xai:ApiKey", name: "search" }),
        ]);
        expect(registered[0]?.inputs).toEqual({
            __provider: 'exports.handler=()=>require("pulumi-xai/provider").provider',
            __defaultName: "shop-prod-search",
            __inputs: expect.objectContaining({ value: "" }),
            name: "shop-prod-search",
            acls: ACLS,
            qps: 5,
            tpm: null,
        });
        await resolved(new xai.XaiApiKey("named", { acls: ACLS, name: "mine" }).urn);
        expect(registered[1]?.inputs).toMatchObject({ name: "mine", __defaultName: "shop-prod-named" });
    });

    test("keeps the secret of a key that it takes over as one, however it is given", async () => {
        const wrapped: boolean[] = [];
        const given = ["xai-plain", Promise.resolve("xai-later"), pulumi.output("xai-out"), pulumi.secret("xai-s")];
        for (const [index, existingSecret] of given.entries()) {
            const transformations: pulumi.ResourceTransformation[] = [
                ({ props }) => {
                    wrapped.push(pulumi.Output.isInstance(props["existingSecret"]));
                    return undefined;
                },
            ];
            const key = new xai.XaiApiKey(
                `search-${index}`,
                { acls: ACLS, adoptKeyId: "id-1", existingSecret },
                { transformations },
            );
            await resolved(key.urn);
            const input: unknown = Reflect.get(key, "existingSecret");
            expect(pulumi.Output.isInstance(input) && (await pulumi.isSecret(input))).toBe(true);
        }
        expect(wrapped).toEqual([true, true, true, true]);
        expect(registered[0]?.inputs).toMatchObject({ adoptKeyId: "id-1" });
    });

    test("has every output", async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS });
        for (const [name, value] of Object.entries(OUTPUTS)) {
            const output: unknown = Reflect.get(key, name);
            if (!pulumi.Output.isInstance(output)) {
                throw new Error(`${name} is no output.`);
            }
            expect(await resolved(output)).toEqual(value);
        }
        expect(await resolved(key.id)).toBe("id-1");
    });

    test("tells the engine that its secret is one, beside the program's own resource options", async () => {
        const seen: pulumi.CustomResourceOptions[] = [];
        const opts: pulumi.CustomResourceOptions = {
            additionalSecretOutputs: ["redactedApiKey"],
            protect: true,
            transformations: [
                (args) => {
                    seen.push(args.opts);
                    return undefined;
                },
            ],
        };
        await resolved(new xai.XaiApiKey("search", { acls: ACLS }, opts).urn);
        expect(seen).toHaveLength(1);
        expect(seen[0]).toMatchObject({ protect: true });
        expect(new Set(seen[0]?.additionalSecretOutputs)).toEqual(new Set(["apiKey", "__inputs", "redactedApiKey"]));
        expect(opts.additionalSecretOutputs).toEqual(["redactedApiKey"]);
    });
});

test("get() reads by id, gives no arguments of its own, and passes the team on", async () => {
    const key = xai.XaiApiKey.get("shared", "id-9", { teamId: "team-9" });
    await resolved(key.urn);
    expect(registered).toEqual([expect.objectContaining({ name: "shared", id: "id-9" })]);
    expect(registered[0]?.inputs).toEqual({
        __provider: 'exports.handler=()=>require("pulumi-xai/provider").provider',
        teamId: "team-9",
    });
});

test("instances are told by their type, also those of another copy of the class", () => {
    const key = new xai.ApiKey("search", { acls: ACLS });
    expect(key).toBeInstanceOf(xai.XaiApiKey);
    expect(xai.XaiApiKey.isInstance(key)).toBe(true);
    expect(xai.XaiApiKey.isInstance(new pulumi.asset.StringAsset("x"))).toBe(false);
    expect(xai.XaiApiKey.isInstance(undefined)).toBe(false);
    // A typed policy asks with the type alone.
    expect(xai.XaiApiKey.isInstance({ __pulumiType: xai.XaiApiKey.__pulumiType })).toBe(true);
});

describe("what a dynamic provider does not have", () => {
    const warnings: string[] = [];
    beforeEach(() => {
        warnings.length = 0;
        const { warn } = pulumi.log;
        const spy = vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void warnings.push(message));
        return () => {
            spy.mockRestore();
            pulumi.runtime.setAllConfig({}, []);
            expect(pulumi.log.warn).toBe(warn);
        };
    });

    test("the option `import` ends in one line that names `adoptKeyId`", () => {
        expect(() => new xai.XaiApiKey("search", { acls: ACLS }, { import: "id-1" })).toThrow(/adoptKeyId/);
    });

    test("the option `replaceOnChanges` is warned about", () => {
        new xai.XaiApiKey("search", { acls: ACLS }, { replaceOnChanges: ["acls"] });
        expect(warnings).toEqual([expect.stringMatching(/"search".*`replaceOnChanges` does nothing/)]);
    });

    test.each([
        ["a management key in the clear", { "xai:managementKey": "mk" }, [], /config set --secret xai:managementKey/],
        ["a secret management key", { "xai:managementKey": "mk" }, ["xai:managementKey"], undefined],
        ["a misspelt setting", { "xai:teamID": "t" }, [], /pulumi config rm xai:teamID/],
        ["settings of others", { "aws:region": "us-east-1", "shop:size": "2" }, [], undefined],
    ])("%s: warned about once, if at all", (_what, settings, secrets, expected) => {
        pulumi.runtime.setAllConfig(settings, secrets);
        new xai.XaiApiKey("one", { acls: ACLS });
        new xai.XaiApiKey("two", { acls: ACLS });
        expect(warnings).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
    });

    test("a management key in the clear of an explicit provider is warned about", async () => {
        class Provider extends pulumi.ProviderResource {
            constructor(name: string, managementKey: pulumi.Input<string>) {
                super("pulumi-nodejs", name, { "xai:managementKey": managementKey });
            }
        }
        for (const [name, managementKey] of [
            ["plain", "mk"],
            ["wrapped", pulumi.secret("mk")],
        ] as const) {
            const key = new xai.XaiApiKey(name, { acls: ACLS }, { provider: new Provider(name, managementKey) });
            await resolved(key.urn);
        }
        expect(warnings).toEqual([expect.stringContaining("pulumi.secret(managementKey)")]);
    });
});

type Own = Exclude<keyof xai.XaiApiKey, keyof pulumi.CustomResource>;
type Args = xai.XaiApiKeyArgs;

test("types: no output is missing, each is an output, and the secret is text", () => {
    expectTypeOf<Own>().toEqualTypeOf<keyof typeof OUTPUTS>();
    expectTypeOf<xai.XaiApiKey["apiKey"]>().toEqualTypeOf<pulumi.Output<string>>();
    expectTypeOf<Pick<xai.XaiApiKey, Own>>().toExtend<Record<Own, pulumi.Output<unknown>>>();
    expectTypeOf<xai.XaiApiKey["qps"]>().toEqualTypeOf<pulumi.Output<number | undefined>>();
    expectTypeOf<xai.XaiApiKey["tpm"]>().toEqualTypeOf<pulumi.Output<string | undefined>>();
    expectTypeOf<xai.XaiApiKey["acls"]>().toEqualTypeOf<pulumi.Output<string[]>>();
});

test("types: every argument takes a plain value, a promise and an output, and only acls is required", () => {
    type Plain<K extends keyof Args> = pulumi.Unwrap<NonNullable<Args[K]>>;
    type Later = { [K in keyof Args]-?: pulumi.Output<Plain<K>> | Promise<Plain<K>> | Plain<K> };
    expectTypeOf<Later>().toExtend<Args>();
    expectTypeOf<{ acls: string[] }>().toExtend<Args>();
    expectTypeOf<{ name: string }>().not.toExtend<Args>();
    expectTypeOf<{ acls: pulumi.Output<string>[] }>().toExtend<Args>();
    expectTypeOf<pulumi.Output<number | undefined>>().toExtend<Args["qps"]>();
    expectTypeOf<null>().toExtend<Args["qpm"]>();
    expectTypeOf<string>().toExtend<Args["tpm"]>();
    expectTypeOf<string>().not.toExtend<Args["qps"]>();
});

test("types: the data sources give arrays, and their twins outputs", () => {
    expectTypeOf(xai.getModelsOutput).returns.toEqualTypeOf<pulumi.Output<xai.GetModelsResult>>();
    expectTypeOf(xai.getEndpointsOutput).returns.toEqualTypeOf<pulumi.Output<xai.GetEndpointsResult>>();
    expectTypeOf<pulumi.Output<string>>().toExtend<xai.GetModelsOutputArgs["teamId"]>();
    expectTypeOf(xai.getModelOutput).returns.toEqualTypeOf<pulumi.Output<xai.Model>>();
    expectTypeOf<pulumi.Output<string>>().toExtend<Parameters<typeof xai.getModelOutput>[0]>();
    expectTypeOf(xai.getApiKeyOutput).returns.toEqualTypeOf<pulumi.Output<xai.GetApiKeyResult>>();
    expectTypeOf(xai.getApiKeysOutput).returns.toEqualTypeOf<pulumi.Output<xai.GetApiKeysResult>>();
    expectTypeOf(xai.getManagementKeyOutput).returns.toEqualTypeOf<pulumi.Output<xai.GetManagementKeyResult>>();
    expectTypeOf<keyof xai.GetApiKeyResult & "apiKey">().toEqualTypeOf<never>();
});

test("types: a key is looked up by its id or its name, never by both or neither", () => {
    expectTypeOf<{ id: string }>().toExtend<xai.GetApiKeyArgs>();
    expectTypeOf<{ name: string; teamId: string }>().toExtend<xai.GetApiKeyArgs>();
    expectTypeOf<{ id: pulumi.Output<string> }>().toExtend<xai.GetApiKeyOutputArgs>();
    expectTypeOf<{ id: string; name: string }>().not.toExtend<xai.GetApiKeyArgs>();
    expectTypeOf<{ teamId: string }>().not.toExtend<xai.GetApiKeyArgs>();
    expectTypeOf<{ teamId: string }>().not.toExtend<xai.GetManagementKeyArgs>();
});

test("config reads what the stack sets, the management key as a secret", async () => {
    const times = { requestTimeout: "5s", operationTimeout: "1m" };
    const texts = { teamId: "team", baseUrl: "https://api.example", validateAcls: "warn", ...times };
    const given = { managementKey: "mk", ...texts, maxRetries: "3", maxConcurrency: "2" };
    pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(given).map(([name, value]) => [`xai:${name}`, value])),
    );
    const { managementKey, ...rest } = xai.config;
    expect(rest).toEqual({ ...texts, maxRetries: 3, maxConcurrency: 2 });
    expect(managementKey && (await pulumi.isSecret(managementKey))).toBe(true);
    pulumi.runtime.setAllConfig({});
    expect(xai.config.managementKey).toBeUndefined();
    expect(xai.config.maxRetries).toBeUndefined();
});
