import { describe, expect, test } from "vitest";
import { deleteWaves, neededByAll, planDeletes } from "../../../sdk/testing/engine/deletes.js";
import { Ledger } from "../../../sdk/testing/engine/ledger.js";
import { afterRefresh } from "../../../sdk/testing/engine/refreshed.js";
import { type ResourceState, resourceState } from "../../../sdk/testing/engine/resource.js";
import type { Step } from "../../../sdk/testing/engine/steps.js";

function state(urn: string, known: Partial<ResourceState> = {}): ResourceState {
    return resourceState({ urn, type: "t:t:T", custom: true, id: urn, ...known });
}

const component = (urn: string, parent = ""): ResourceState => state(urn, { custom: false, id: "", parent });
const names = (steps: readonly Step[]): string[] => steps.map(({ op, urn }) => `${op} ${urn}`);
const plan = (resources: readonly ResourceState[]): Step[] => planDeletes(new Ledger("s", "p", resources));
const waves = (resources: readonly ResourceState[]): string[][] =>
    deleteWaves(plan(resources), resources).map((wave) => wave.map(({ urn }) => urn).sort());

describe("what is deleted", () => {
    test("all that was not registered, each in its way", () => {
        const resources = [
            state("kept"),
            state("gone"),
            state("replaced", { delete: true }),
            state("unmade", { pendingReplacement: true }),
            state("read", { external: true }),
            state("readBefore", { external: true, delete: true }),
        ];
        const ledger = new Ledger("s", "p", resources);
        ledger.sames.add("kept");
        expect(names(planDeletes(ledger))).toEqual([
            "delete gone",
            "delete-replaced replaced",
            "remove-pending-replace unmade",
            "discard read",
            "discard-replaced readBefore",
        ]);
        expect([...ledger.deletes].sort()).toEqual(["gone", "read", "readBefore", "replaced", "unmade"]);
    });

    test("what a replacement has deleted already is not deleted again", () => {
        const old = state("a", { delete: true });
        const ledger = new Ledger("s", "p", [old]);
        ledger.pendingDeletes.add(old);
        expect(planDeletes(ledger)).toEqual([]);
    });
});

describe("the order of deletions", () => {
    const cases: [string, ResourceState[], string[][]][] = [
        ["what is independent goes at once", [state("a"), state("b")], [["a", "b"]]],
        ["dependents first", [state("a"), state("b", { dependencies: ["a"] })], [["b"], ["a"]]],
        ["by properties", [state("a"), state("b", { propertyDependencies: { x: ["a"] } })], [["b"], ["a"]]],
        ["by parent", [state("a"), state("b", { parent: "a" })], [["b"], ["a"]]],
        ["by provider", [state("a"), state("b", { provider: "a::id" })], [["b"], ["a"]]],
        ["by deletedWith", [state("a"), state("b", { deletedWith: "a" })], [["b"], ["a"]]],
        [
            "after the children of a component, at any depth, for what depends on it",
            [component("g"), component("h", "g"), state("a", { parent: "h" }), state("b", { dependencies: ["g"] })],
            [["b"], ["a"], ["h"], ["g"]],
        ],
        [
            "a diamond",
            [
                state("a"),
                state("b", { dependencies: ["a"] }),
                state("c", { dependencies: ["a"] }),
                state("d", { dependencies: ["b", "c"] }),
            ],
            [["d"], ["b", "c"], ["a"]],
        ],
    ];
    test.each(cases)("%s", (_, resources, expected) => {
        expect(waves(resources)).toEqual(expected);
    });

    test("only what is deleted counts", () => {
        const resources = [state("a"), state("b", { dependencies: ["a"] }), state("c", { dependencies: ["b"] })];
        const ledger = new Ledger("s", "p", resources);
        ledger.sames.add("b");
        const order = deleteWaves(planDeletes(ledger), resources).map(names);
        expect(order).toEqual([["delete a", "delete c"]]);
    });

    test("all that one needs is found through others", () => {
        const resources = [state("a"), state("b", { dependencies: ["a"] }), state("c", { parent: "b" }), state("d")];
        const [a, b, c] = resources;
        if (a === undefined || b === undefined || c === undefined) throw new Error("three resources");
        expect(neededByAll(c, resources)).toEqual(new Set([a, b]));
    });
});

describe("after a refresh", () => {
    test("nothing points at what is gone", () => {
        const [gone, child, user] = [
            state("gone", { parent: "root" }),
            state("child", { parent: "gone" }),
            state("user", {
                dependencies: ["root", "gone"],
                propertyDependencies: { a: ["gone"], b: ["root"] },
                deletedWith: "gone",
            }),
        ];
        const resources = [component("root"), gone, child, user];
        const kept = afterRefresh(resources, new Map([[gone, undefined]]));
        expect(kept.map(({ urn }) => urn)).toEqual(["root", "child", "user"]);
        expect(kept[1]?.parent).toBe("");
        expect(kept[2]).toMatchObject({
            dependencies: ["root"],
            propertyDependencies: { b: ["root"] },
            deletedWith: "",
        });
    });

    test("what was found takes the old one's place", () => {
        const old = state("a");
        const found = state("a", { outputs: { x: 1 } });
        expect(afterRefresh([old, state("b")], new Map([[old, found]]))[0]).toBe(found);
    });
});
