import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsRedacted, foreignRotation } from "../../provider/foreignRotation.js";
import { ClockedStack } from "./clockedStack.js";

const SECRET = "xai-Abcdefghijklmnopqrstuvwxyz0123456789oYZ4";

describe("what is shown of a secret", () => {
    test.each([
        "xai-...oYZ4",
        "xai-A**4",
        "xai-...4",
        "xai-..oYZ4",
        "xai-********oYZ4",
        "xai-…YZ4",
        "xai-••••oYZ4",
        "xai-...",
        "***oYZ4",
    ])("fits it: %s", (redacted) => {
        expect(fitsRedacted(SECRET, redacted)).toBe(true);
    });

    test.each(["xai-...oYZ5", "xai-B**4", "xai-A**5", "xai-…YZ", "***xYZ4"])("is another one's: %s", (redacted) => {
        expect(fitsRedacted(SECRET, redacted)).toBe(false);
    });

    test.each([
        "",
        "...",
        "****",
        "xai",
        "redacted",
        "xai-a.b",
        "xai-(hidden)",
        "xai-A**4**4",
        SECRET,
        "<secret>",
        "…",
    ])("cannot be compared: %s", (redacted) => {
        expect(fitsRedacted(SECRET, redacted)).toBeUndefined();
    });

    test.each([
        [true, "xai-oYZ4"],
        [false, "xai-YZ4"],
        [false, "oYZ4"],
        [false, ""],
    ])("fits (%s) as short a secret as %j", (fits, secret) => {
        expect(fitsRedacted(secret, "xai-...oYZ4")).toBe(fits);
    });

    const secrets = fc.stringMatching(/^xai-[A-Za-z0-9]{80}$/);
    const forms = fc.constantFrom(
        (secret: string) => `xai-...${secret.slice(-4)}`,
        (secret: string) => `xai-${secret.charAt(4)}**${secret.slice(-1)}`,
    );

    test("in either published form fits its own secret, and another one's only by chance", () => {
        fc.assert(
            fc.property(secrets, secrets, forms, (secret, other, redact) => {
                expect(fitsRedacted(secret, redact(secret))).toBe(true);
                expect(fitsRedacted(other, redact(secret))).toBe(redact(secret) === redact(other));
            }),
        );
    });

    test("is never called another one's without something that differs, whatever it is", () => {
        fc.assert(
            fc.property(
                secrets,
                fc.nat(83),
                fc.nat(83),
                fc.constantFrom("...", "*", "…"),
                (secret, head, tail, middle) => {
                    const shown = `${secret.slice(0, head)}${middle}${tail === 0 ? "" : secret.slice(-tail)}`;
                    expect(fitsRedacted(secret, shown)).not.toBe(false);
                },
            ),
        );
        fc.assert(
            fc.property(secrets, fc.string(), (secret, text) => {
                const fits = fitsRedacted(secret, text);
                if (fits === false) {
                    expect(text).toMatch(/^[\w-]*[.*…•]+[\w-]*$/);
                }
            }),
        );
    });
});

describe("a key that someone else has rotated", () => {
    test.each(["dots", "stars"] as const)("is warned about by its id, at every refresh (%s)", async (redaction) => {
        const stack = await ClockedStack.of({ dialect: { redaction } });
        const args = (release: number) => ({ rotation: { triggers: { release } } });
        await stack.up(args(1));
        await stack.refresh();
        expect(stack.warnings).toEqual([]);
        const { apiKeyId, apiKey } = stack.key;
        stack.emulator.changeKey(apiKeyId, { apiKey: `xai-${"z".repeat(79)}_` });
        for (const _refresh of [1, 2]) {
            expect(await stack.refresh()).toBe(false);
            expect(stack.warnings).toEqual([
                expect.stringMatching(new RegExp(`^API key ${apiKeyId} has another secret.*\`rotation\\.triggers\``)),
            ]);
        }
        expect(stack.state["apiKey"]).toBe(apiKey);
        expect(await stack.up(args(2))).toBe("rotate");
        await stack.refresh();
        expect(stack.warnings).toEqual([]);
        expect(stack.state["apiKey"]).toBe(stack.key.apiKey);
    });

    test("is not told from a listing that is a moment behind the stack's own rotation", () => {
        const rotated = { apiKeyId: "id", teamId: "t", name: "n", acls: [], disabled: false, apiKey: SECRET };
        const at = Date.parse("2030-01-01T00:00:00Z");
        const warned = (state: object, now: number | undefined) =>
            foreignRotation({ ...rotated, ...state }, "xai-...zzzz", now);
        const rotatedAt = new Date(at).toISOString();
        expect(warned({ rotatedAt }, at + 59_000)).toBeUndefined();
        expect(warned({ rotatedAt }, at + 61_000)).toContain("API key id");
        expect(warned({ rotatedAt }, undefined)).toContain("API key id");
        expect(warned({}, at)).toContain("API key id");
        expect(warned({ owed: ["secret"] }, at)).toBeUndefined();
        expect(warned({ apiKey: undefined }, at)).toBeUndefined();
        expect(foreignRotation(rotated, null, at)).toBeUndefined();
    });
});
