import { describe, expect, test } from "vitest";
import { UnsupportedFeatureError } from "../../../sdk/testing/engine/errors.js";
import { Reference, Secret, UNKNOWN, type ValueMap } from "../../../sdk/testing/engine/values.js";
import {
    fromWire,
    REFERENCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE,
    toDisplay,
    toWire,
    UNKNOWN_SENTINEL,
} from "../../../sdk/testing/engine/wire.js";

const everything: ValueMap = {
    text: "a",
    nothing: null,
    secret: new Secret({ a: [1] }),
    unknown: UNKNOWN,
    list: [UNKNOWN, 1],
    resource: new Reference("urn", "id", ""),
    component: new Reference("urn", undefined, ""),
    coming: new Reference("urn", UNKNOWN, ""),
};

test("a receiver that understands everything gets everything, and it comes back as it was", () => {
    const wire = toWire(everything, { secrets: true, references: true, unknowns: true });
    expect(wire["secret"]).toEqual({ [SIGNATURE]: SECRET_SIGNATURE, value: { a: [1] } });
    expect(wire["resource"]).toEqual({ [SIGNATURE]: REFERENCE_SIGNATURE, urn: "urn", id: "id" });
    expect(wire["unknown"]).toBe(UNKNOWN_SENTINEL);
    expect(fromWire(wire, { label: "test", unknowns: true })).toEqual(everything);
});

test("a provider gets secrets in the clear and references as ids", () => {
    expect(toWire(everything, { secrets: false, references: false, unknowns: true })).toEqual({
        text: "a",
        nothing: null,
        secret: { a: [1] },
        unknown: UNKNOWN_SENTINEL,
        list: [UNKNOWN_SENTINEL, 1],
        resource: "id",
        component: "urn",
        coming: UNKNOWN_SENTINEL,
    });
});

test("unknown values are left out where they are not wanted, in lists too", () => {
    const wire = toWire(everything, { secrets: false, references: false, unknowns: false });
    expect(wire).not.toHaveProperty("unknown");
    expect(wire).not.toHaveProperty("coming");
    expect(wire["list"]).toEqual([1]);
});

describe("fromWire", () => {
    const read = (value: unknown, unknowns = true) => fromWire({ key: value }, { label: "it", unknowns })["key"];

    test.each(["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", UNKNOWN_SENTINEL])("takes %s for unknown", (sentinel) => {
        expect(read(sentinel)).toBe(UNKNOWN);
    });

    test("refuses an unknown where none may be", () => {
        expect(() => read([UNKNOWN_SENTINEL], false)).toThrow('unexpected unknown property value for "key"');
    });

    test("takes output values apart", () => {
        const output = { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
        expect(read({ ...output, value: 1 })).toBe(1);
        expect(read({ ...output, value: 1, secret: true })).toEqual(new Secret(1));
        expect(read({ ...output, secret: true })).toEqual(new Secret(UNKNOWN));
    });

    test("refuses assets and archives by name", () => {
        const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };
        expect(() => read(asset)).toThrow(UnsupportedFeatureError);
        expect(() => read(asset)).toThrow(/assets and archives \(property "key"\)/);
    });

    test("refuses marks that it does not know", () => {
        expect(() => read({ [SIGNATURE]: "other" })).toThrow("unknown kind");
    });

    test("keeps a key that objects have by themselves", () => {
        const json: unknown = JSON.parse('{"__proto__": 1, "constructor": 2}');
        const taken = fromWire(Object(json), { label: "it", unknowns: true });
        expect(JSON.stringify(taken)).toBe('{"__proto__":1,"constructor":2}');
    });
});

test("what is shown holds no secret", () => {
    const values = { a: new Secret("hidden"), b: [{ c: new Secret("hidden") }], d: ["also hidden"] };
    const shown = toDisplay(values, (text) => text.replaceAll("hidden", "[secret]"));
    expect(JSON.stringify(shown)).not.toContain("hidden");
    expect(shown["d"]).toEqual(["also [secret]"]);
    expect(shown["a"]).toEqual({ [SIGNATURE]: SECRET_SIGNATURE, ciphertext: "[secret]" });
});
