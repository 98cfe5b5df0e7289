import { beforeEach, describe, expect, it } from "vitest";
import { type Checked, type Host, type Mode, UnfinishedError } from "./host.js";
import { OutputOf } from "./modelStack.js";
import { Stack } from "./stack.js";
import { Secret, UNKNOWN, type ValueMap } from "./values.js";

/** The engine's rules that the small stack copies, one by one, with a provider that keeps its resources in memory. */

let calls: unknown[][];
let next: { unfinished?: string; changes?: boolean; replaces?: string[]; found?: ValueMap; fails?: string };
const mode: Mode = {
    register: (_project, _stack, name, args) => ({ ...args, name }),
    secretOutputs: ["key"],
    start: () => new MemoryHost(),
};

class MemoryHost implements Host {
    async check(olds: ValueMap, news: ValueMap): Promise<Checked> {
        calls.push(["check", olds, news]);
        return { inputs: news, failures: [] };
    }

    async diff(_id: string, olds: ValueMap, oldInputs: ValueMap, news: ValueMap) {
        calls.push(["diff", olds, oldInputs, news]);
        return { changes: next.changes ?? false, replaces: next.replaces ?? [] };
    }

    async create(inputs: ValueMap) {
        calls.push(["create"]);
        if (next.fails === "create") throw new Error("no create");
        return { id: "1", outputs: this.finished({ ...inputs, key: "k" }) };
    }

    async read() {
        return next.found && { outputs: next.found, inputs: undefined };
    }

    async update(_id: string, _olds: ValueMap, _oldInputs: ValueMap, news: ValueMap) {
        calls.push(["update"]);
        return this.finished({ ...news, key: "k2" });
    }

    async delete() {
        calls.push(["delete"]);
    }

    foresee(news: ValueMap) {
        return news;
    }

    async end() {}

    private finished(outputs: ValueMap): ValueMap {
        if (next.unfinished === undefined) return outputs;
        throw new UnfinishedError("unfinished", "1", outputs, [next.unfinished]);
    }
}

let stack: Stack;
beforeEach(() => {
    calls = [];
    next = {};
    stack = new Stack({ mode, config: {} });
});

const up = (args: Record<string, number>, ignoreChanges: string[] = []) =>
    stack.run("up", [{ name: "a", args, ignoreChanges }]);
const called = (name: string) => calls.filter(([one]) => one === name).map(([_, ...given]) => given);
const state = async () =>
    (await stack.keys()).map(({ inputs, outputs }) => [inputs["n"], outputs["n"], outputs["key"]]);

describe("The small stack", () => {
    it("stores new inputs and keeps outputs where nothing changes", async () => {
        await up({ n: 1 });
        expect(await up({ n: 2 })).toMatchObject({ ok: true, changes: { same: 1 } });
        expect(await state()).toEqual([[2, 1, "k"]]);
    });

    it("stores the attempted inputs of a create that is not finished, and updates it next time", async () => {
        next = { unfinished: "slow" };
        expect((await up({ n: 1 })).ok).toBe(false);
        expect(await state()).toEqual([[1, 1, "k"]]);
        next = {};
        expect((await up({ n: 1 })).changes).toEqual({ update: 1 });
        expect((await stack.keys())[0]?.initErrors).toEqual([]);
    });

    it("stores old inputs and new outputs of an update that is not finished; a refresh clears its mark", async () => {
        await up({ n: 1 });
        next = { changes: true, unfinished: "slow" };
        await up({ n: 2 });
        expect(await state()).toEqual([[1, 2, "k2"]]);
        expect((await stack.keys())[0]?.initErrors).toEqual(["slow"]);
        next = { found: { n: 3 } };
        await stack.run("refresh");
        expect((await stack.keys())[0]?.initErrors).toEqual([]);
        expect((await up({ n: 1 })).changes).toEqual({ same: 1 });
    });

    it("compares the other way up in a refresh", async () => {
        await up({ n: 1 });
        next = { found: { n: 3 }, changes: true };
        expect((await stack.run("refresh")).changes).toEqual({ update: 1 });
        expect(called("diff")).toEqual([[{ n: 3 }, { n: 1, name: "a" }, { n: 1, name: "a" }]]);
    });

    it("ignores changes before check", async () => {
        await up({ n: 1 });
        await up({ n: 2, m: 1 }, ["n"]);
        await up({ n: 3 }, ["*"]);
        const [, ...checked] = called("check").map(([, news]) => news);
        expect(checked).toEqual([
            { n: 1, m: 1, name: "a" },
            { n: 1, m: 1, name: "a" },
        ]);
    });

    it("creates a replacement before it deletes, and checks it as new", async () => {
        await up({ n: 1 });
        next = { changes: true, replaces: ["n"] };
        expect((await up({ n: 2 }, ["n"])).changes).toEqual({ replace: 1 });
        expect(calls.slice(2).map(([name]) => name)).toEqual(["check", "diff", "check", "create", "delete"]);
        expect(called("check").at(-1)).toEqual([{}, { n: 2, name: "a" }]);
        expect(await state()).toEqual([[2, 2, "k"]]);
    });

    it("deletes nothing after a failure", async () => {
        await up({ n: 1 });
        next = { fails: "create" };
        expect((await stack.run("up", [{ name: "b", args: {} }])).ok).toBe(false);
        expect([called("delete"), await state()]).toEqual([[], [[1, 1, "k"]]]);
    });

    it("keeps an output secret that the class names, or whose input is secret", async () => {
        await stack.run("up", [{ name: "a", args: { n: new Secret("hush") } }]);
        const [state] = (await stack.exposed()).slice(-1);
        expect(state?.text).toContain('"outputs":{"n":"[secret]","name":"a","key":"[secret]"}');
    });

    it("gives a program in a preview unknown values where outputs are not foreseen", async () => {
        const program = (n: number) => [
            { name: "a", args: { n } },
            { name: "b", args: { of: new OutputOf("a", "key"), n: new OutputOf("a", "n") } },
        ];
        await stack.run("up", program(1));
        next = { changes: true };
        await stack.run("preview", program(2));
        expect(called("check").at(-1)?.[1]).toEqual({ of: UNKNOWN, n: 2, name: "b" });
        await stack.run("up", program(2));
        expect(called("check").at(-1)?.[1]).toEqual({ of: new Secret("k2"), n: 2, name: "b" });
        expect((await stack.run("destroy")).changes).toEqual({ delete: 2 });
    });
});
