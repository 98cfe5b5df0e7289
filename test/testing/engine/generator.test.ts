import { describe, expect, test } from "vitest";
import type { ProviderDiff } from "../../../sdk/testing/engine/diff.js";
import {
    type CheckFailure,
    type PlanContext,
    planRead,
    planRegistration,
} from "../../../sdk/testing/engine/generator.js";
import { type Goal, goal } from "../../../sdk/testing/engine/goal.js";
import { Ledger } from "../../../sdk/testing/engine/ledger.js";
import { type ResourceState, resourceState } from "../../../sdk/testing/engine/resource.js";
import type { Step } from "../../../sdk/testing/engine/steps.js";
import { createUrn } from "../../../sdk/testing/engine/urn.js";
import { Secret, UNKNOWN, type ValueMap } from "../../../sdk/testing/engine/values.js";

const TYPE = "pulumi-nodejs:dynamic/test:Thing";
const PROVIDER = "urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::default::id";
const urnOf = (name: string): string => createUrn("dev", "p", "", TYPE, name);

function stored(name: string, known: Partial<ResourceState> = {}): ResourceState {
    const inputs = known.inputs ?? { v: 1 };
    return resourceState({
        urn: urnOf(name),
        type: TYPE,
        custom: true,
        id: `id-${name}`,
        provider: PROVIDER,
        inputs,
        outputs: inputs,
        ...known,
    });
}

function wanted(name: string, known: Partial<Goal> = {}): Goal {
    return goal({ type: TYPE, name, provider: PROVIDER, inputs: { v: 1 }, ...known });
}

interface Answers {
    readonly diff?: Partial<ProviderDiff>;
    /** By the name of the resource; goes before `diff`. */
    readonly diffs?: Readonly<Record<string, Partial<ProviderDiff>>>;
    readonly failures?: readonly CheckFailure[];
    readonly preview?: boolean;
    readonly replaceTargets?: readonly string[];
}

/** A context of canned answers that notes the questions. */
function context(olds: readonly ResourceState[], answers: Answers = {}) {
    const asked: string[] = [];
    const told: string[] = [];
    const made: PlanContext = {
        ledger: new Ledger("dev", "p", olds),
        preview: answers.preview ?? false,
        replaceTargets: new Set(answers.replaceTargets ?? []),
        tell: (severity, message) => void told.push(`${severity}: ${message}`),
        advisor: {
            async check(_, before, news) {
                asked.push(`check ${JSON.stringify(before)} ${JSON.stringify(news)}`);
                return { inputs: { ...news, checked: true }, failures: answers.failures ?? [] };
            },
            async diff({ state, newInputs }) {
                const name = state.urn.slice(state.urn.lastIndexOf("::") + 2);
                const shown = Object.entries(newInputs).map(([key, value]) => [key, value === UNKNOWN ? "?" : value]);
                asked.push(`diff ${name} ${JSON.stringify(Object.fromEntries(shown))}`);
                const none = { changes: "none" as const, replaceKeys: [], changedKeys: [], deleteBeforeReplace: false };
                return { ...none, ...answers.diff, ...answers.diffs?.[name] };
            },
        },
    };
    return { context: made, asked, told };
}

const ops = (steps: readonly Step[]): string[] =>
    steps.map(({ op, urn }) => `${op} ${urn.slice(urn.lastIndexOf("::") + 2)}`);
const REPLACE = { changes: "some", replaceKeys: ["v"] } as const;

describe("what becomes of a goal", () => {
    const cases: [string, Partial<ResourceState> | undefined, Partial<Goal>, Answers, string[]][] = [
        ["what is not there is created", undefined, {}, {}, ["create a"]],
        ["what does not differ stays", {}, {}, {}, ["same a"]],
        ["what differs is updated", {}, {}, { diff: { changes: "some" } }, ["update a"]],
        ["what is unfinished is updated, whatever diff says", { initErrors: ["x"] }, {}, {}, ["update a"]],
        ["keys to replace without changes do nothing", {}, {}, { diff: { replaceKeys: ["v"] } }, ["same a"]],
        ["a replacement is created first", {}, {}, { diff: REPLACE }, ["create-replacement a", "replace a"]],
        [
            "unless the provider wants the old one deleted first",
            {},
            {},
            { diff: { ...REPLACE, deleteBeforeReplace: true } },
            ["delete-replaced a", "replace a", "create-replacement a"],
        ],
        [
            "or the program does",
            {},
            { deleteBeforeReplace: true },
            { diff: REPLACE },
            ["delete-replaced a", "replace a", "create-replacement a"],
        ],
        [
            "the program's word counts more than the provider's",
            {},
            { deleteBeforeReplace: false },
            { diff: { ...REPLACE, deleteBeforeReplace: true } },
            ["create-replacement a", "replace a"],
        ],
        [
            "what was deleted for a replacement that failed is created, whatever diff says",
            { pendingReplacement: true },
            {},
            { diff: { deleteBeforeReplace: true } },
            ["replace a", "create-replacement a"],
        ],
        ["what was only read is created anew", { external: true }, {}, {}, ["create-replacement a", "replace a"]],
        [
            "a change of what replaceOnChanges names replaces",
            {},
            { replaceOnChanges: ["v"], inputs: { v: 2 } },
            { diff: { changes: "unknown" } },
            ["create-replacement a", "replace a"],
        ],
        [
            "what is told to be replaced is",
            {},
            {},
            { replaceTargets: [urnOf("a")] },
            ["create-replacement a", "replace a"],
        ],
        [
            "a difference that the provider leaves open",
            {},
            { inputs: { v: 2 } },
            { diff: { changes: "unknown" } },
            ["update a"],
        ],
    ];
    test.each(cases)("%s", async (_, old, asked, answers, expected) => {
        const made = context(old === undefined ? [] : [stored("a", old)], answers);
        expect(ops(await planRegistration(wanted("a", asked), made.context))).toEqual(expected);
    });

    test("inputs equal after check settle an open difference", async () => {
        const olds = [stored("a", { inputs: { v: 1, checked: true } })];
        const made = context(olds, { diff: { changes: "unknown" } });
        expect(ops(await planRegistration(wanted("a"), made.context))).toEqual(["same a"]);
    });
});

describe("what the provider is asked", () => {
    test("a new resource is checked by itself", async () => {
        const made = context([]);
        const [step] = await planRegistration(wanted("a"), made.context);
        expect(made.asked).toEqual(['check {} {"v":1}']);
        expect(step?.next?.inputs).toEqual({ v: 1, checked: true });
    });

    test("an old one beside its old inputs, then compared", async () => {
        const made = context([stored("a")]);
        await planRegistration(wanted("a", { inputs: { v: 2 } }), made.context);
        expect(made.asked).toEqual(['check {"v":1} {"v":2}', 'diff a {"v":2,"checked":true}']);
    });

    test("ignored changes are never seen by it", async () => {
        const made = context([stored("a")]);
        await planRegistration(wanted("a", { inputs: { v: 2 }, ignoreChanges: ["v"] }), made.context);
        expect(made.asked[0]).toBe('check {"v":1} {"v":1}');
    });

    test("a replacement is checked again, by itself and with what was ignored", async () => {
        const made = context([stored("a")], { diff: REPLACE });
        const asked = wanted("a", { inputs: { v: 2, w: 1 }, ignoreChanges: ["w"] });
        const [step] = await planRegistration(asked, made.context);
        expect(made.asked.at(-1)).toBe('check {} {"v":2,"w":1}');
        expect(step?.next?.inputs).toEqual({ v: 2, w: 1, checked: true });
    });

    test("components are nobody's but the engine's", async () => {
        const old = resourceState({
            urn: createUrn("dev", "p", "", "test:Group", "g"),
            type: "test:Group",
            custom: false,
        });
        const made = context([old]);
        const same = goal({ type: "test:Group", name: "g", custom: false });
        expect(ops(await planRegistration(same, made.context))).toEqual(["same g"]);
        const changed = context([old]);
        expect(ops(await planRegistration({ ...same, inputs: { a: 1 } }, changed.context))).toEqual(["update g"]);
        expect([...made.asked, ...changed.asked]).toEqual([]);
    });
});

describe("what is refused", () => {
    test("two resources of one name", async () => {
        const made = context([]);
        await planRegistration(wanted("a"), made.context);
        await expect(planRegistration(wanted("a"), made.context)).rejects.toThrow(
            `Duplicate resource URN '${urnOf("a")}'; try giving it a unique name`,
        );
    });

    test("a parent that is not there", async () => {
        const orphan = planRegistration(wanted("a", { parent: "urn:x" }), context([]).context);
        await expect(orphan).rejects.toThrow("could not find parent resource urn:x");
    });

    test("inputs that the provider does not accept, all of them told", async () => {
        const failures = [
            { property: "v", reason: "too small" },
            { property: "w", reason: "too many" },
            { property: "", reason: "no good" },
        ];
        const made = context([], { failures });
        const goal = wanted("a", { inputs: { v: 1, w: ["b", { y: null, x: new Secret("c") }] } });
        await expect(planRegistration(goal, made.context)).rejects.toThrow();
        expect(made.told).toEqual([
            `error: ${TYPE} resource 'a': property v value {1} has a problem: too small`,
            `error: ${TYPE} resource 'a': property w value {[{b} {map[x:{...} y:{<nil>}]}]} has a problem: too many`,
            `error: ${TYPE} resource 'a' has a problem: no good`,
        ]);
    });

    const protectedOld = stored("a", { protect: true });

    test("to replace what is protected", async () => {
        const made = context([protectedOld], { diff: REPLACE });
        await expect(planRegistration(wanted("a", { protect: true }), made.context)).rejects.toThrow();
        expect(made.told[0]).toContain("as it is currently marked for protection");
    });

    test("though a preview goes on, and fails in the end", async () => {
        const made = context([protectedOld], { diff: REPLACE, preview: true });
        const steps = await planRegistration(wanted("a", { protect: true }), made.context);
        expect(ops(steps)).toEqual(["create-replacement a", "replace a"]);
        expect(made.context.ledger.errored).toBe(true);
    });

    test("but not once the program no longer protects it", async () => {
        const made = context([protectedOld], { diff: REPLACE });
        const steps = await planRegistration(wanted("a"), made.context);
        expect(ops(steps)).toEqual(["create-replacement a", "replace a"]);
    });
});

describe("deleting before replacing", () => {
    const a = stored("a");
    const uses = (name: string, on: ResourceState, known: Partial<ResourceState> = {}): ResourceState =>
        stored(name, {
            inputs: { ref: "x", own: 1 },
            dependencies: [on.urn],
            propertyDependencies: { ref: [on.urn], own: [] },
            ...known,
        });
    const first = { diffs: { a: { ...REPLACE, deleteBeforeReplace: true } } };

    test("takes with it what would be replaced as well, dependents first", async () => {
        const b = uses("b", a);
        const c = uses("c", b);
        const made = context([a, b, c], { diffs: { ...first.diffs, b: REPLACE, c: REPLACE } });
        const steps = await planRegistration(wanted("a"), made.context);
        expect(ops(steps)).toEqual([
            "delete-replaced c",
            "delete-replaced b",
            "delete-replaced a",
            "replace a",
            "create-replacement a",
        ]);
        expect(made.asked).toContain('diff b {"ref":"?","own":1}');
    });

    test("and makes them again when their turn comes", async () => {
        const b = uses("b", a);
        const made = context([a, b], { diffs: { ...first.diffs, b: { ...REPLACE, replaceKeys: ["ref"] } } });
        await planRegistration(wanted("a"), made.context);
        const steps = await planRegistration(wanted("b"), made.context);
        expect(ops(steps)).toEqual(["replace b", "create-replacement b"]);
        expect(steps[1]?.keys).toEqual(["ref"]);
    });

    test("leaves what can be updated, what only comes after, and what was read", async () => {
        const olds = [
            a,
            uses("b", a),
            stored("c", { dependencies: [a.urn] }),
            uses("d", a, { external: true }),
            stored("e"),
        ];
        const made = context(olds, first);
        const steps = await planRegistration(wanted("a"), made.context);
        expect(ops(steps)).toEqual(["delete-replaced a", "replace a", "create-replacement a"]);
    });

    test("takes what is tied to its deletion, unasked", async () => {
        const made = context([a, stored("b", { deletedWith: a.urn })], first);
        const steps = await planRegistration(wanted("a"), made.context);
        expect(ops(steps)[0]).toBe("delete-replaced b");
        expect(made.asked.filter((question) => question.startsWith("diff b"))).toEqual([]);
    });

    test("is refused where one of them is protected", async () => {
        const made = context([a, uses("b", a, { protect: true })], { diffs: { ...first.diffs, b: REPLACE } });
        await expect(planRegistration(wanted("a"), made.context)).rejects.toThrow();
        expect(made.told[0]).toContain(`as part of replacing "${a.urn}"`);
    });
});

describe("reading", () => {
    const read = (id: string, inputs: ValueMap = {}) => ({
        ...{ type: TYPE, name: "a", id, parent: "", provider: PROVIDER, inputs },
        ...{ dependencies: [], additionalSecretOutputs: [] },
    });
    const cases: [string, ResourceState[], string, string[]][] = [
        ["what is not known yet", [], "id-a", ["read a"]],
        ["what was read before, under another id too", [stored("a", { external: true })], "other", ["read a"]],
        ["what was managed before, which is let go", [stored("a")], "id-a", ["read a"]],
        ["another in place of what was managed", [stored("a")], "other", ["read-replacement a", "replace a"]],
    ];
    test.each(cases)("%s", (_, olds, id, expected) => {
        const ledger = new Ledger("dev", "p", olds);
        expect(ops(planRead(read(id), ledger))).toEqual(expected);
    });

    test("needs an id", () => {
        expect(() => planRead(read(""), new Ledger("dev", "p", []))).toThrow("Expected an ID");
    });
});
