import { describe, expect, test } from "vitest";
import { type CheckRequest, check, inTime } from "../../provider/apiKey/check.js";
import type { OperationContext, Properties } from "../../provider/apiKey/context.js";
import { APPLIED, ROTATION_DUE, ROTATION_RECORD } from "../../provider/apiKey/inputs.js";
import { UNKNOWN } from "../../provider/unknown.js";
import { Stack } from "./stack.js";
import { ACLS, DAY } from "./values.js";

const WRONG = ["api-key:model:grok-33", "api-key:endpoint:chat"];

function run(context: OperationContext, news: Properties, more: Partial<CheckRequest> = {}) {
    return check(context, { olds: {}, news, defaultName: "shop-test-search", now: Date.now(), ...more });
}

describe("The checked inputs", () => {
    test("have the default name, the mark of the secret output, and the record", async () => {
        const context = (await Stack.start()).process();
        const { inputs, failures } = await run(context, { acls: ACLS, [APPLIED]: "" });
        expect(failures).toEqual([]);
        expect(inputs).toEqual({
            name: "shop-test-search",
            acls: ACLS,
            [APPLIED]: "",
            [ROTATION_RECORD]: { number: 0 },
        });
        expect((await run(context, { acls: ACLS, name: null })).inputs).not.toHaveProperty(APPLIED);
    });

    test("take no inputs of our own from the program, and refuse every name that is unknown", async () => {
        const context = (await Stack.start()).process();
        const news = { acls: ACLS, [ROTATION_DUE]: "#9: now", __other: 1 };
        const { inputs, failures } = await run(context, news);
        expect(inputs).not.toHaveProperty(ROTATION_DUE);
        expect(failures).toEqual([{ property: "__other", reason: expect.stringContaining("is no argument") }]);
    });

    test("keep a record that came back with all old inputs, and count nothing", async () => {
        const context = (await Stack.start()).process();
        const args = { name: "search", acls: ACLS, rotation: { every: "30d" }, [APPLIED]: "" };
        const { inputs: olds } = await run(context, args);
        const now = Date.now() + 40 * DAY;
        const due = { ...olds, [ROTATION_DUE]: "#1: changed triggers: a" };
        expect((await run(context, due, { olds: due, now })).inputs).toEqual(due);
        const { inputs } = await run(context, args, { olds, now });
        expect(inputs).toMatchObject({ [ROTATION_DUE]: "#1: 30d have passed", [ROTATION_RECORD]: { number: 1 } });
    });
});

test("A team that cannot be one is refused beside every other mistake, and the API is not asked", async () => {
    const stack = await Stack.start();
    const { failures } = await run(stack.process(), { acls: ACLS, teamId: "", qps: 0 });
    expect(failures.map(({ property }) => property).sort()).toEqual(["qps", "teamId"]);
    expect(stack.requests()).toEqual([]);
});

describe("Permissions are compared with the team's models and endpoints", () => {
    test("and refused with a suggestion, each one, unless the stack holds it already", async () => {
        const stack = await Stack.start();
        const acls = [...WRONG, "api-key:endpoint:chatt"];
        const { failures } = await run(stack.process(), { acls });
        expect(failures.map(({ property }) => property)).toEqual(["acls", "acls"]);
        expect(failures[0]?.reason).toMatch(/did you mean `api-key:model:grok-3`\?.*`xai:validateAcls: warn`/);
        const stored = await run(stack.process(), { acls }, { olds: { name: "search", acls: WRONG } });
        expect(stored.failures).toHaveLength(1);
        expect(stack.warnings).toEqual([expect.stringMatching(/`acls` of API key "shop-test-search": .*grok-33/)]);
    });

    test("or only warned about, or not looked up, as the setting says", async () => {
        const stack = await Stack.start();
        stack.config = { validateAcls: "warn" };
        expect((await run(stack.process(), { acls: WRONG })).failures).toEqual([]);
        expect(stack.warnings).toHaveLength(1);
        stack.config = { validateAcls: "off" };
        stack.requests();
        expect((await run(stack.process(), { acls: WRONG })).failures).toEqual([]);
        expect([stack.warnings, stack.requests()]).toEqual([[], []]);
    });

    test("with no request where they name nothing, or the team is not known yet", async () => {
        const stack = await Stack.start();
        await run(stack.process(), { acls: ["api-key:model:*", "api-key:endpoint:*", UNKNOWN] });
        await run(stack.process(), { acls: ACLS, teamId: UNKNOWN });
        expect(stack.requests()).toEqual([]);
    });

    test.each([
        ["may not list models", { operation: "listModels", status: 403 }, /not validated\. .*ListModelsForTeam/],
        ["cannot reach the API", { cut: "before", times: 9 }, /ACLs were not validated\. /],
        ["meets a web page", { body: "<html>", contentType: "text/html", times: 9 }, /not validated\. .*HTML/],
    ] as const)("and a preview that %s still works, with a warning", async (_what, fault, words) => {
        const stack = await Stack.start();
        stack.emulator.inject(fault);
        expect((await run(stack.process(), { acls: WRONG })).failures).toEqual([]);
        expect(stack.warnings).toEqual([expect.stringMatching(words)]);
    });

    test("and a wrong management key is refused, in the preview too", async () => {
        const stack = await Stack.start();
        stack.config = { managementKey: "xai-token-wrong-wrong-wrong" };
        const { failures } = await run(stack.process(), { acls: ACLS });
        expect(failures).toEqual([{ property: "", reason: expect.stringMatching(/^(?!.*wrong-wrong).*401/) }]);
    });
});

describe("What the stack holds and the clock or the API no longer accepts", () => {
    test("is warned about by the key's name, and stops nothing", async () => {
        const stack = await Stack.start();
        const args = {
            acls: ["api-key:model:grok-3-mini", "api-key:endpoint:chat"],
            expireTime: new Date(stack.now() + DAY).toISOString(),
        };
        await stack.up(args);
        expect(await stack.up(args)).toBe("same");
        expect(stack.warnings).toEqual([
            expect.stringMatching(/^API key "shop-test-search" expires at .*within 14 days/),
        ]);
        stack.pass(2);
        stack.emulator.retireModel("grok-3-mini");
        expect(await stack.up(args)).toBe("same");
        expect(stack.warnings).toEqual([
            expect.stringMatching(/^API key "shop-test-search" expired at/),
            expect.stringMatching(/^`acls` of API key "shop-test-search": .*grok-3-mini/),
        ]);
        expect(await stack.up({ ...args, expireTime: "2999-01-01T00:00:00Z" })).toBe("update");
    });

    test("of a form that no request can carry is an error only once something has to be written", async () => {
        const stack = await Stack.start();
        await stack.up({ propagationTimeout: "1m" });
        const { inputs, ...rest } = stack.resource();
        stack.resources.set("search", { ...rest, inputs: { ...inputs, propagationTimeout: "5 min" } });
        await expect(stack.up({ propagationTimeout: "5 min", qps: 5 })).rejects.toThrow(
            /"shop-test-search" cannot be written with arguments that the stack holds: `propagationTimeout`/,
        );
        expect(stack.warnings).toContainEqual(
            expect.stringContaining('`propagationTimeout` of API key "shop-test-search", unchanged in the stack'),
        );
    });
});

test("No failure names the property of a secret to the engine, which would show its value", async () => {
    const context = (await Stack.start()).process();
    const { failures } = await run(context, {
        acls: ACLS,
        existingSecret: "xai-hidden hidden",
        adoptKeyId: "xai-hidden",
    });
    expect(failures).toHaveLength(2);
    expect(failures.every(({ property }) => property === "")).toBe(true);
    expect(JSON.stringify(failures)).not.toContain("hidden");
});

describe("A check waits for the API", () => {
    test("only for a while", async () => {
        const never = new Promise<never>(() => undefined);
        await expect(inTime(never, 1)).rejects.toThrow("The API did not answer within 1ms.");
    });

    test("and takes its answer, or its failure", async () => {
        expect(await inTime(Promise.resolve("models"))).toBe("models");
        await expect(inTime(Promise.reject(new Error("refused")))).rejects.toThrow("refused");
    });
});
