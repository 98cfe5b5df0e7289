import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import type { Properties } from "../../provider/apiKey/context.js";
import { ROTATION_RECORD } from "../../provider/apiKey/inputs.js";
import { planCreate, planUpdate } from "../../provider/apiKey/plan.js";
import { stateOutputs } from "../../provider/apiKey/state.js";
import { UNKNOWN } from "../../provider/unknown.js";
import { ACLS, checkedInputs, inDays, laterInputs, stateOf } from "./values.js";

const COMPUTED = { apiKeyId: UNKNOWN, apiKey: UNKNOWN, redactedApiKey: UNKNOWN, userId: UNKNOWN, createTime: UNKNOWN };
const NEW_SECRET = { apiKey: UNKNOWN, redactedApiKey: UNKNOWN, rotatedAt: UNKNOWN, previousSecretExpiresAt: UNKNOWN };

describe("The plan of a create", () => {
    test("shows what the program gives, and what only the API knows as unknown", () => {
        expect(planCreate(checkedInputs({ qps: 5, qpm: null, expireTime: inDays(5), teamId: "team" }))).toEqual({
            ...COMPUTED,
            name: "search",
            acls: ACLS,
            qps: 5,
            expireTime: inDays(5),
            disabled: false,
            teamId: "team",
        });
    });

    test("leaves open a team that no argument names, and an expiry that the run counts", () => {
        expect(planCreate(checkedInputs({ expiresIn: "90d", disabled: true }))).toMatchObject({
            teamId: UNKNOWN,
            expireTime: UNKNOWN,
            disabled: true,
        });
    });
});

describe("The plan of an update", () => {
    const expiring = { expireTime: inDays(90), redactedApiKey: "xai-...cret" };
    const plan = (before: Properties, after: Properties, state = {}) => {
        const outputs = stateOutputs(stateOf(checkedInputs(before), state));
        const planned = planUpdate(outputs, laterInputs(checkedInputs(before), after));
        return Object.fromEntries(
            Object.entries(planned).filter(([name, value]) => !isDeepStrictEqual(outputs[name], value)),
        );
    };

    test("changes what the update changes, and leaves everything else as it is", () => {
        expect(plan({ qps: 1 }, { qps: 2 }, { qps: 1 })).toEqual({ qps: 2 });
        expect(plan({}, { qps: UNKNOWN })).toEqual({ qps: UNKNOWN });
        expect(plan({}, { onDelete: "disable" })).toEqual({ onDelete: "disable" });
        expect(plan({}, { disabled: true })).toEqual({ disabled: true });
        expect(plan({ disabled: true }, {}, { disabled: true })).toEqual({});
    });

    test("shows a new secret as unknown, with the expiry where it is counted anew", () => {
        const on = (a: unknown) => ({ rotation: { triggers: { a } } });
        expect(plan(on(1), on(2))).toEqual(NEW_SECRET);
        expect(plan({ ...on(1), expiresIn: "90d" }, { ...on(2), expiresIn: "90d" }, expiring)).toEqual({
            ...NEW_SECRET,
            expireTime: UNKNOWN,
        });
    });

    test("shows the secret as unknown where a trigger is not known yet, and where one is pending", () => {
        expect(plan({ rotation: { triggers: { a: 1 } } }, { rotation: { triggers: { a: UNKNOWN } } })).toEqual(
            NEW_SECRET,
        );
        expect(plan({}, {}, { pending: ["secret"] })).toEqual(NEW_SECRET);
    });

    test("leaves open an expiry that the run counts, and knows one that was recorded", () => {
        expect(plan({ expiresIn: "90d" }, { expiresIn: "10d" }, expiring)).toEqual({ expireTime: UNKNOWN });
        const inputs = checkedInputs({ expiresIn: "90d" });
        const drifted = stateOf({ ...inputs, expireTime: inDays(5) }, { expireTime: inDays(5) });
        expect(planUpdate(stateOutputs(drifted), inputs)).toMatchObject({ expireTime: inDays(90) });
    });

    test("of what is no key's state changes nothing", () => {
        expect(planUpdate({ name: "n" }, { ...checkedInputs(), [ROTATION_RECORD]: { number: 0 } })).toEqual({
            name: "n",
        });
    });
});
