import { expect, test } from "vitest";
import { check } from "../../provider/apiKeyCheck.js";
import { diffApiKey } from "../../provider/apiKeyDiff.js";
import { parseInputs, UnusableInputsError, validateInputs } from "../../provider/apiKeyInputs.js";
import { read } from "../../provider/apiKeyLifecycle.js";
import { parseState } from "../../provider/apiKeyState.js";
import { parseInstant, toMicroseconds } from "../../provider/instant.js";
import { Session } from "../../provider/session.js";
import { readSettings } from "../../provider/settings.js";
import { emulate } from "../provider/emulators.js";
import { INPUTS, STATE } from "./samples.js";

/** What the fuzzing of values has found, one test each. What it found in answers stands beside the API's own tests. */

const NOW = Date.parse("2027-01-01T00:00:00Z");

test("a damaged state is a key's all the same: its secret is carried over, and what is broken comes from the API", async () => {
    const emulator = await emulate();
    const { apiKeyId, teamId, acls } = emulator.addKey({ name: "search" });
    const config: Record<string, string> = { managementKey: emulator.managementKey, baseUrl: emulator.url };
    const session = new Session(
        readSettings((name) => config[name], {}),
        () => undefined,
    );
    for (const broken of [{ name: null }, { acls: "none" }, { name: 5, acls: [5] }]) {
        const found = await read({ session, progress: () => undefined }, apiKeyId, {
            ...STATE,
            apiKeyId,
            teamId,
            ...broken,
        });
        expect(found?.state).toMatchObject({ apiKeyId, apiKey: STATE.apiKey, name: "search", acls });
        expect(found?.inputs).toMatchObject({ name: "search", acls });
    }
});

test("arguments that a stack holds already, and that cannot be sent, are named with what is allowed", () => {
    const odd = { ...INPUTS, tpm: "many", qpm: "x" };
    const { failures, warnings } = validateInputs(odd, odd, NOW);
    expect([failures, warnings.length]).toEqual([[], 2]);
    expect(() => parseInputs(odd)).toThrow(UnusableInputsError);
    expect(() => parseInputs(odd)).toThrow(
        /`qpm` \(a whole number, 1 or more.*`tpm` \(a whole number, 1 or more.*Correct them/,
    );
});

test("a permission of a million characters is refused, and not compared with what it could have meant", () => {
    const acl = `api-key:modle:${"x".repeat(1_000_000)}`;
    const { failures } = validateInputs({}, { ...INPUTS, acls: [acl] }, NOW);
    expect(failures.map(({ reason }) => reason.length < 300)).toEqual([true]);
});

test("a name that has no text of its own is refused by a check, with and without a key that is there", async () => {
    const emulator = await emulate();
    const { managementKey, url: baseUrl } = emulator;
    const config: Record<string, string> = { managementKey, baseUrl, teamId: emulator.teamId };
    const settings = readSettings((name) => config[name], {});
    const session = new Session(settings, () => undefined);
    const surroundings = { session, progress: () => undefined };
    for (const olds of [{}, INPUTS]) {
        const { failures } = await check(surroundings, olds, { ...INPUTS, name: { toString: 1 } }, NOW);
        expect(failures.map(({ property }) => property)).toContain("name");
    }
});

test("what has no text of its own is refused and compared all the same", () => {
    const acls = [{ toString: 1 }];
    expect(validateInputs({}, { ...INPUTS, acls, tpm: { toString: 1 } }, NOW).failures).toHaveLength(2);
    const state = parseState(STATE);
    expect(state && diffApiKey(state, { ...INPUTS, acls, tpm: { toString: 1 } }).fields).toEqual([
        "acls",
        "qpm",
        "tpm",
    ]);
});

test("an instant that its offset moves out of the years that there are is none", () => {
    for (const text of ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"]) {
        expect(parseInstant(text)).toBeUndefined();
        expect(toMicroseconds(text)).toBe(text);
    }
    expect(toMicroseconds("9999-12-31T23:59:59Z")).toBe("9999-12-31T23:59:59.000000Z");
});

test("a team whose id would be another path is refused before anything is asked", () => {
    for (const teamId of [".", "..", "a\ud800"]) {
        expect(validateInputs({}, { ...INPUTS, teamId }, NOW).failures).toHaveLength(1);
    }
});
