import { runtime } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { hasUnknown, isUnknown } from "../../provider/unknown.js";
import { UNKNOWN } from "./dynamicHost.js";

test("what Pulumi sends for an unknown value counts as one", () => {
    const sent: unknown = Reflect.get(runtime, "unknownValue");
    expect(sent).toBe(UNKNOWN);
    expect(isUnknown(sent)).toBe(true);
});

test.each(["", "unknown", UNKNOWN.toUpperCase(), `${UNKNOWN} `, null, undefined, 0])("%j is known", (value) => {
    expect(isUnknown(value)).toBe(false);
    expect(hasUnknown(value)).toBe(false);
});

test.each([[[UNKNOWN]], [{ a: UNKNOWN }], [[{ a: [["x", UNKNOWN]] }]]])("%j holds one", (value) => {
    expect(isUnknown(value)).toBe(false);
    expect(hasUnknown(value)).toBe(true);
});
