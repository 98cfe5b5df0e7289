import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Credential } from "../../provider/api/credential.js";

const credential = new Credential("xai-token-the-key-itself", "xai:managementKey");

test("a credential shows itself only where its value is read", () => {
    const error = new Error("x", { cause: { credential } });
    const shown = [
        String(credential),
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

test("a credential is taken out of a text", () => {
    expect(credential.hideIn("a xai-token-the-key-itself, xai-token-the-key-itself")).toBe("a [secret], [secret]");
    expect(credential.hideIn("the key itself")).toBe("the key itself");
});

test("credentials are equal by their values, wherever they came from", () => {
    expect(credential.equals(new Credential("xai-token-the-key-itself", "elsewhere"))).toBe(true);
    expect(credential.equals(new Credential("another", "xai:managementKey"))).toBe(false);
});
