import { expect, test } from "vitest";
import { Comparisons } from "../../provider/comparisons.js";
import { UNKNOWN } from "./dynamicHost.js";

const INPUTS = { name: "n", acls: ["b", "a"], rotation: { triggers: { x: 1, y: null } }, qps: null };

test("a comparison with what was checked is that resource's, once", () => {
    const comparisons = new Comparisons();
    expect(comparisons.take(INPUTS)).toBeUndefined();
    comparisons.await("one", INPUTS);
    comparisons.await("other", INPUTS);
    expect([1, 2, 3].map(() => comparisons.take(INPUTS))).toEqual(["one", "other", undefined]);
});

test.each<[string, Record<string, unknown>]>([
    ["in another order", { rotation: { triggers: { y: null, x: 1 } }, qps: null, acls: ["b", "a"], name: "n" }],
    ["without nulls", { name: "n", acls: ["b", "a"], rotation: { triggers: { x: 1 } } }],
    ["with the provider's text", { ...INPUTS, __provider: "text" }],
])("the engine hands the same on %s", (_how, news) => {
    const comparisons = new Comparisons();
    comparisons.await("one", INPUTS);
    expect(comparisons.take(news)).toBe("one");
});

test("what is not known may come back as another text that says so", () => {
    const comparisons = new Comparisons();
    comparisons.await("one", { name: UNKNOWN, acls: [UNKNOWN] });
    expect(comparisons.take({ name: UNKNOWN, acls: ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"] })).toBe("one");
});

test.each<[string, Record<string, unknown>]>([
    ["another value", { ...INPUTS, name: "m" }],
    ["another order in a list", { ...INPUTS, acls: ["a", "b"] }],
    ["one more", { ...INPUTS, qpm: 1 }],
    ["one less", { name: "n" }],
])("a comparison with %s is not", (_what, news) => {
    const comparisons = new Comparisons();
    comparisons.await("one", INPUTS);
    expect(comparisons.take(news)).toBeUndefined();
});
