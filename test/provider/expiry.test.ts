import { expect, test } from "vitest";
import { expiryWarning } from "../../provider/expiry.js";
import { UNKNOWN } from "./dynamicHost.js";

const DAY = 86_400_000;
const NOW = Date.parse("2027-01-01T00:00:00Z");
const iso = (days: number) => new Date(NOW + days * DAY).toISOString();

type Inputs = Record<string, unknown>;

const counted = (days: number, rotation?: Inputs, since?: number): Inputs => ({
    expiresIn: "90d",
    expireTime: iso(days),
    ...(rotation && { rotation }),
    schedule: { generation: 0, ...(since !== undefined && { since: iso(since) }) },
});

test.each<Inputs>([
    {},
    { expireTime: null },
    { expireTime: UNKNOWN },
    { expireTime: "whenever" },
    { expireTime: iso(14) },
    { expireTime: iso(900) },
    counted(14),
    counted(3, { beforeExpiry: "7d" }),
    counted(-3, { beforeExpiry: "7d" }),
    counted(3, { beforeExpiry: UNKNOWN }),
    counted(13, { every: "20d" }, -8),
])("nothing is said of %j", (inputs) => {
    expect(expiryWarning(inputs, "API key", NOW)).toBeUndefined();
});

test.each<[Inputs, RegExp]>([
    [{ expireTime: iso(13.9) }, /^The API key with `expireTime` .* expires within 14 days.* move `expireTime`\.$/],
    [{ expireTime: iso(0.001) }, /expires within 14 days/],
    [{ expireTime: iso(0) }, /has expired: it is refused until that is changed\. To revive it, move `expireTime`\.$/],
    [{ expireTime: iso(-400) }, /has expired/],
    [{ expireTime: iso(5), rotation: { every: "1d" } }, /expires within 14 days/],
    [counted(5), /expires within 14 days.*change a value in `rotation\.triggers`.*`rotation\.beforeExpiry` renews it/],
    [counted(-5), /has expired.*change a value in `rotation\.triggers`/],
    [counted(5, { triggers: { a: 1 } }), /expires within 14 days/],
    // Its turn comes too late.
    [counted(5, { every: "20d" }, -8), /expires within 14 days/],
])("%j is warned about", (inputs, words) => {
    expect(expiryWarning(inputs, "API key", NOW)).toMatch(words);
});

test("the key is called what it is called, and the instant what the program calls it", () => {
    const warning = expiryWarning({ expireTime: "2027-01-02T01:00:00+01:00" }, 'API key "shop-test-search"', NOW);
    expect(warning).toContain('The API key "shop-test-search" with `expireTime` 2027-01-02T01:00:00+01:00 expires');
});
