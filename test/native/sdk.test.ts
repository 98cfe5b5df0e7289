import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import * as dynamic from "../../sdk/index.js";
import * as xai from "../../sdk/native/index.js";

let registered: pulumi.runtime.MockResourceArgs[] = [];
let called: pulumi.runtime.MockCallArgs[] = [];
/** What the function answers, or throws. */
let answer: () => Record<string, unknown> = () => ({});

beforeEach(async () => {
    [registered, called] = [[], []];
    await pulumi.runtime.setMocks({
        newResource: (args) => {
            registered.push(args);
            return { id: `${args.name}-id`, state: { ...args.inputs, apiKey: "xai-secret" } };
        },
        call: (args) => {
            called.push(args);
            return answer();
        },
    });
});

/** The value of an output. */
const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((found) => output.apply(found));

describe("pulumi-xai/native", () => {
    test("has every name of pulumi-xai, with the same types", () => {
        expect(Object.keys(xai).sort()).toEqual([...Object.keys(dynamic), "Provider"].sort());
        expectTypeOf<ConstructorParameters<typeof xai.XaiApiKey>>().toEqualTypeOf<
            ConstructorParameters<typeof dynamic.XaiApiKey>
        >();
        expectTypeOf<xai.XaiApiKey>().toEqualTypeOf<dynamic.XaiApiKey>();
        expectTypeOf<Parameters<typeof xai.getModel>[1]>().toEqualTypeOf<Parameters<typeof dynamic.getModel>[1]>();
        expectTypeOf(xai.getApiKeysOutput).returns.toEqualTypeOf<ReturnType<typeof dynamic.getApiKeysOutput>>();
    });

    test("registers a key with its own type", async () => {
        const key = new xai.XaiApiKey("search", { acls: [xai.acl.allModels] });
        expect(await resolved(key.apiKey)).toBe("xai-secret");
        expect(registered).toMatchObject([{ type: "xai:index:XaiApiKey", name: "search" }]);
        expect(xai.XaiApiKey.isInstance(key) && !dynamic.XaiApiKey.isInstance(key)).toBe(true);
        expect(xai.XaiApiKey.isInstance({ __pulumiType: "xai:index:XaiApiKey" })).toBe(true);
    });

    test("makes a provider whose management key is a secret, with numbers as text", async () => {
        const provider = new xai.Provider("team", { managementKey: "m", maxRetries: 3 });
        await resolved(provider.urn);
        expect(xai.Provider.isInstance(provider)).toBe(true);
        const managementKey = Reflect.get(provider, "managementKey");
        expect(await pulumi.isSecret(managementKey)).toBe(true);
        expect(registered).toMatchObject([{ type: "pulumi:providers:xai", inputs: { maxRetries: "3" } }]);
    });

    test("reads a key by its id and team", async () => {
        const key = xai.XaiApiKey.get("shared", "the-id", { teamId: "t" });
        await resolved(key.urn);
        expect(registered).toMatchObject([{ id: "the-id", inputs: { teamId: "t" } }]);
    });
});

describe("A function", () => {
    test("is an invoke that mocks answer, and takes Pulumi's options", async () => {
        answer = () => ({ name: "grok-4-0709" });
        expect((await xai.getModel("grok-4", { kind: "language" }, {})).name).toBe("grok-4-0709");
        expect(await resolved(xai.getModelOutput(pulumi.output("grok-4")).name)).toBe("grok-4-0709");
        expect(called).toMatchObject([
            { token: "xai:index:getModel", inputs: { name: "grok-4", kind: "language" } },
            { token: "xai:index:getModel", inputs: { name: "grok-4" } },
        ]);
    });

    test("tells the plugin of secret arguments, whose result is a secret", async () => {
        answer = () => ({ apiKeyId: "id" });
        const found = xai.getApiKeyOutput({ name: pulumi.secret("hidden") });
        await resolved(found);
        expect(await pulumi.isSecret(found)).toBe(true);
        expect(called[0]?.inputs).toEqual({ name: "hidden", __secretArguments: true });
    });

    test("fails in the words of the plugin alone", async () => {
        answer = () => {
            throw Object.assign(new Error(), { details: "Team t has no model." });
        };
        await expect(xai.getModel("grok-44")).rejects.toMatchObject({ message: "Team t has no model." });
        await expect(xai.getModel(pulumi.output("grok") as never)).rejects.toMatchObject({
            message: "Wrong arguments of getModel: `name` is an output, whose value comes later. Use getModelOutput.",
        });
    });
});
