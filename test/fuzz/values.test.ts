import fc from "fast-check";
import { expect, test } from "vitest";
import { XaiError } from "../../provider/api/errors.js";
import { check } from "../../provider/apiKey/check.js";
import type { Properties } from "../../provider/apiKey/context.js";
import { create } from "../../provider/apiKey/create.js";
import { remove } from "../../provider/apiKey/delete.js";
import { diffApiKey } from "../../provider/apiKey/diff.js";
import { parseInputs } from "../../provider/apiKey/inputs.js";
import { planUpdate } from "../../provider/apiKey/plan.js";
import { read } from "../../provider/apiKey/read.js";
import { KeyRegistry } from "../../provider/apiKey/registry.js";
import { parseState, stateOutputs } from "../../provider/apiKey/state.js";
import { update } from "../../provider/apiKey/update.js";
import { validate } from "../../provider/apiKey/validate.js";
import { Account } from "../../provider/team/account.js";
import { readSettings } from "../../provider/team/settings.js";
import { emulate } from "../servers.js";
import { anyJson, mutated, PATIENCE, runs } from "./effort.js";
import { INPUTS, STATE } from "./samples.js";

/** What programs and state files give, whatever it is: taken, or refused in our own words. */

const NOW = Date.parse("2027-01-01T00:00:00Z");
const isObject = (value: unknown): value is Properties =>
    typeof value === "object" && value !== null && !Array.isArray(value);
/** Values that have no text of their own, or a very long one. */
const odd = fc.constantFrom<unknown>({ toString: 1 }, [{ toJSON: 2 }], "x".repeat(1_000_000), "9".repeat(100_000));
const like = (valid: Properties) => {
    const one = fc
        .tuple(fc.constantFrom(...Object.keys(valid)), odd)
        .map(([name, value]) => ({ ...valid, [name]: value }));
    return fc.oneof(mutated(valid), one, anyJson).filter(isObject);
};
const inputs = like(INPUTS);
const states = like(STATE);

test("arguments are refused in words, or can be sent", { timeout: PATIENCE }, () => {
    fc.assert(
        fc.property(inputs, fc.option(inputs, { nil: {} }), (news, olds) => {
            const violations = validate(olds, news, NOW);
            for (const { property, reason } of violations) {
                expect(`${property}: ${reason}`.length).toBeLessThan(8000);
            }
            const own = ["__inputs", "__rotation"];
            if (violations.every(({ property }) => own.includes(property)) && !("__rotation" in news)) {
                expect(() => parseInputs(news)).not.toThrow();
            }
        }),
        runs(400),
    );
});

test("a state is a key's or not; a key's id and secret are never lost", { timeout: PATIENCE }, () => {
    fc.assert(
        fc.property(states, inputs, (outputs, news) => {
            const state = parseState(outputs);
            const isKey = [outputs["apiKeyId"], outputs["teamId"]].every(
                (one) => typeof one === "string" && one !== "",
            );
            expect(state !== undefined).toBe(isKey);
            expect(state?.apiKeyId).toBe(isKey ? outputs["apiKeyId"] : undefined);
            const secret = outputs["apiKey"];
            expect(state?.apiKey).toBe(isKey && typeof secret === "string" && secret !== "" ? secret : undefined);
            expect(state === undefined || stateOutputs(state)["apiKey"] === state.apiKey).toBe(true);
            try {
                diffApiKey(STATE.apiKeyId, outputs, news);
                planUpdate(outputs, news);
            } catch (error) {
                expect(error).toBeInstanceOf(XaiError);
            }
        }),
        runs(400),
    );
});

test("any state and arguments go through every operation, which ends in a value or in an error of ours", {
    timeout: PATIENCE,
}, async () => {
    const emulator = await emulate();
    const config = new Map([
        ["managementKey", emulator.managementKey],
        ["teamId", emulator.teamId],
        ["baseUrl", emulator.url],
        ["maxRetries", "0"],
    ]);
    const settings = readSettings((name) => config.get(name), {});
    await fc.assert(
        fc.asyncProperty(states, inputs, async (outputs, news) => {
            const account = new Account(settings, () => undefined);
            const none = () => undefined;
            const context = { account, registry: new KeyRegistry(), warn: none, progress: none };
            const id = emulator.addKey({ name: "search" }).apiKeyId;
            const held = { ...outputs, apiKeyId: id, teamId: emulator.teamId };
            const given = { ...news, teamId: emulator.teamId, waitForPropagation: false };
            const operations = [
                () => check(context, { olds: outputs, news, now: NOW }),
                () => read(context, id, outputs),
                () => read(context, id, held),
                () => update(context, id, held, given),
                () => update(context, id, outputs, given),
                () => create(context, given),
                () => remove(context, id, outputs),
            ];
            for (const operation of operations) {
                await operation().catch((error: unknown) => expect(error).toBeInstanceOf(XaiError));
            }
            for (const { apiKeyId } of emulator.keys()) {
                emulator.deleteKey(apiKeyId);
            }
        }),
        runs(40),
    );
});
