import { resolve } from "node:path";
import * as xai from "pulumi-xai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, type StoredKey, startEmulator } from "xai-management-emulator";
import { LocalStack } from "../../sdk/testing/index.js";
import { TestClock } from "../engine/clock.js";
import { everythingOf, expectNoLeak } from "../engine/leaks.js";

const PROGRAM = resolve(__dirname, "../../examples/rotation");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let clock: TestClock;
let emulator: Emulator;
let stack: LocalStack;

beforeEach(async () => {
    clock = new TestClock();
    emulator = await startEmulator({ now: clock.now });
    stack = await LocalStack.createOrSelect(
        { stackName: "test", workDir: PROGRAM },
        { envVars: { ...emulator.env, ...clock.environment } },
    );
});
afterEach(async () => {
    await stack.dispose();
    await emulator.close();
    clock.dispose();
});

/** The key that the server holds: the only one, whatever was done. */
function theKey(): StoredKey {
    const [key, ...others] = emulator.keys();
    if (key === undefined || others.length > 0) {
        throw new Error(`the server holds ${emulator.keys().length} keys`);
    }
    return key;
}

const rotations = () => emulator.countRequests().rotateApiKey ?? 0;
const inDays = (text: string | null) => (Date.parse(text ?? "") - clock.now().getTime()) / DAY;

test("the example of rotation renews its key's secret by the calendar, after a leak and before the expiry, and keeps the key", async () => {
    const first = await stack.up();
    const made = theKey();
    expect(made).toMatchObject({
        name: "xai-rotation-test-search",
        acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
        qpm: 600,
    });
    expect(inDays(made.expireTime)).toBeCloseTo(90, 2);
    expect(first.outputs["searchKey"]).toEqual({ value: made.apiKey, secret: true });

    clock.pass(29);
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
    clock.pass(2);
    const monthly = await stack.up();
    expect(monthly.stdout).toContain("is due for a new secret: `rotation.every` has passed since");
    const renewed = theKey();
    expect({ ...made, ...renewed, apiKey: "", previousApiKeys: [], expireTime: "", modifyTime: "" }).toEqual({
        ...made,
        apiKey: "",
        expireTime: "",
        modifyTime: "",
    });
    expect(renewed.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }]);
    expect(inDays(renewed.previousApiKeys[0]?.expireTime ?? null)).toBeCloseTo(2, 2);
    expect(inDays(renewed.expireTime)).toBeCloseTo(90, 2);
    expect(monthly.outputs["searchKey"]).toEqual({ value: renewed.apiKey, secret: true });
    expect(inDays(monthly.outputs["oldSearchKeyWorksUntil"]?.value)).toBeCloseTo(2, 2);

    await stack.setAllConfig({ incident: { value: "leak-1" }, overlap: { value: "0s" } });
    const leak = await stack.preview();
    expect(leak.changeSummary).toEqual({ same: 1, update: 1 });
    expect(leak.stdout).toContain("`rotation.triggers` has changed");
    expect(theKey()).toEqual(renewed);
    await stack.up();
    const safe = theKey();
    expect(safe.previousApiKeys).toMatchObject([{ apiKey: made.apiKey }, { apiKey: renewed.apiKey }]);
    expect(inDays(safe.previousApiKeys[1]?.expireTime ?? null)).toBeLessThanOrEqual(0);

    clock.pass(85);
    const late = await stack.up();
    expect(late.stdout).toContain("less than `rotation.beforeExpiry` is left until");
    expect(inDays(theKey().expireTime)).toBeCloseTo(90, 2);
    expect(rotations()).toBe(3);
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 2 });
    expect(emulator.countRequests()).toMatchObject({ createApiKey: 1 });
    expect(emulator.countRequests()).not.toHaveProperty("updateApiKey");
    const texts = [first, monthly, leak, late].map(({ stdout, stderr }) => stdout + stderr);
    expectNoLeak(emulator.secrets(), everythingOf("what was printed", texts));
});

test("the example of rotation protects its key from destroy", async () => {
    await stack.up();
    const key = theKey();
    const failure = await stack.destroy().catch((error: unknown) => error);
    expect(String(failure)).toContain("it is protected");
    expect(emulator.keys()).toEqual([key]);
});
