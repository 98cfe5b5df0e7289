import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitsRedaction } from "../../provider/redaction.js";
import { redact } from "../../sdk/testing/emulator/answers.js";

describe("a secret and what the API shows of one", () => {
    test.each<[boolean | undefined, string, string | null | undefined]>([
        [true, "xai-abcd1234", "xai-...1234"],
        [false, "xai-abcd1234", "xai-...1235"],
        [false, "tok-abcd1234", "xai-...1234"],
        [true, "xai-abcd1234", "xai-a**4"],
        [false, "xai-bbcd1234", "xai-a**4"],
        [false, "xai-abcd1235", "xai-a**4"],
        [true, "xai-abcd1234", "xai-…1234"],
        [true, "xai-abcd1234", "xai-••••1234"],
        [true, "xai-abcd1234", "xai-...."],
        [true, "xai-abcd1234", "***1234"],
        [true, "xai-1234", "xai-...1234"],
        [false, "xai-234", "xai-...1234"],
        [false, "ai-1", "xai-...1"],
        [undefined, "xai-abcd1234", "..."],
        [undefined, "xai-abcd1234", "****"],
        [undefined, "xai-abcd1234", ""],
        [undefined, "xai-abcd1234", null],
        [undefined, "xai-abcd1234", undefined],
        [undefined, "xai-abcd1234", "sha256:2c26b46b68ff"],
        [undefined, "xai-abcd1234", "xai-..ab..1234"],
    ])("fits: %s (%s, %s)", (fits, secret, redacted) => {
        expect(fitsRedaction(secret, redacted)).toBe(fits);
    });

    const secret = fc.stringMatching(/^xai-[A-Za-z0-9]{8,80}$/);
    const form = fc.constantFrom("dots" as const, "stars" as const);

    test("fit in every published form, and another one only where the shown parts are the same", () => {
        fc.assert(
            fc.property(secret, secret, form, (one, other, as) => {
                expect(fitsRedaction(one, redact(one, as))).toBe(true);
                expect(fitsRedaction(other, redact(one, as))).toBe(redact(other, as) === redact(one, as));
            }),
        );
    });
});
