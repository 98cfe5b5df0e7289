import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Credential } from "../../provider/credential.js";

const credential = new Credential("xai-token-the-key-itself", "xai:managementKey");

test("a credential shows itself nowhere but where it is asked to", () => {
    const error = new Error("x", { cause: { credential } });
    const shown = [
        String(credential),
        `${credential}`,
        JSON.stringify({ credential }),
        inspect({ a: { b: [credential] } }, { depth: null, showHidden: true }),
        inspect(error, { depth: null }),
        JSON.stringify(Object.entries(credential)),
    ];
    for (const text of shown) {
        expect(text).not.toContain("the-key-itself");
    }
    expect(credential.reveal()).toBe("xai-token-the-key-itself");
});

test("credentials are the same by their value, wherever they came from", () => {
    expect(credential.equals(new Credential("xai-token-the-key-itself", "elsewhere"))).toBe(true);
    expect(credential.equals(new Credential("another", "xai:managementKey"))).toBe(false);
});

describe("a text from outside", () => {
    const KEY = "xai-token-q9Wm3ZtR6mNv1XpJ5bLc8YdH";
    const hidden = (text: string) => new Credential(KEY, "here").hideIn(text);

    test("loses the key, and any piece of it that would be of use", () => {
        expect(hidden(`a ${KEY} b ${KEY}`)).toBe("a [secret] b [secret]");
        expect(hidden(`ends in ${KEY.slice(-12)}.`)).toBe("ends in [secret].");
        expect(hidden(`${KEY.slice(12, 20)} and ${KEY.slice(20, 27)}`)).toBe(`[secret] and ${KEY.slice(20, 27)}`);
    });

    test("keeps its own words, though a made-up key holds them", () => {
        const text = "the management key is not valid";
        expect(new Credential("not-a-management-key", "here").hideIn(text)).toBe(text);
        expect(new Credential("not-a-management-key", "here").hideIn("no not-a-management-key")).toBe("no [secret]");
        expect(new Credential("short", "here").hideIn("a short one")).toBe("a [secret] one");
    });
});
