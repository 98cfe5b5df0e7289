import { describe, expect, test } from "vitest";
import { everythingOf, leaks } from "./leaks.js";

const SECRET = "xai-q7WmZr2Xk9LpT4vBn8Jc5HdY3sGf6Ea1Uo0";

describe("A leak", () => {
    const found = (text: string) => leaks([SECRET], [{ name: "it", text }]).length > 0;

    test("is any eight characters of a secret, beyond what the API shows of it", () => {
        for (let start = 4; start + 8 <= SECRET.length - 4; start += 1) {
            expect(found(`>${SECRET.slice(start, start + 8)}<`)).toBe(true);
        }
        expect(found(`xai-...1Uo0 and xai-q**0 ${SECRET.slice(4, 11)} ${SECRET.slice(12, 19)}`)).toBe(false);
    });

    test("is found in everything that an error or an object holds", () => {
        const lied = { [Symbol.for("nodejs.util.inspect.custom")]: () => "", toJSON: () => "", shown: SECRET };
        const hidden = Object.defineProperty(new Error("x"), "secret", { value: SECRET });
        const deep = new Error("x", { cause: new Error("y", { cause: { a: [[[[[[SECRET]]]]]] } }) });
        for (const value of [hidden, deep, lied, { toString: () => SECRET }, new Map([[SECRET, 1]])]) {
            expect(leaks([SECRET], everythingOf("it", value))).not.toEqual([]);
        }
    });
});
