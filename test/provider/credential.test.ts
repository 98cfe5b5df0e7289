import { inspect } from "node:util";
import { expect, test } from "vitest";
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
