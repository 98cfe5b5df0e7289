import type { ApiKey } from "../api/apiKeys.js";
import { type Aliases, FIELDS, type Field, same } from "../fields.js";
import type { Properties } from "./context.js";
import { argumentsIn, expiryOf, ROTATION_RECORD, recordIn, targetOf } from "./inputs.js";
import { type Held, heldValues, identity, type KeyState, onDeleteOf, withoutNull } from "./state.js";

/** The inputs that count as carried out, as the stack stores them in the output `__inputs`. Pure. */

/** What of checked inputs is carried out with a key: all but what is read once and what only marks. */
export function appliedInputs(inputs: Properties): Properties {
    const { existingSecret: _, ...rest } = argumentsIn(inputs);
    const record = inputs[ROTATION_RECORD];
    return withoutNull({ ...rest, ...(record === undefined ? {} : { [ROTATION_RECORD]: record }) });
}

/** The inputs that were carried out with a key. */
export function appliedOf(state: KeyState): Properties {
    return state.applied ?? inputsFromHeld(state);
}

/**
 * The inputs that a program would write for a key that no run of it has made: for `get` and an import.
 *
 * @param teamId - The team, where the program asks for one.
 */
export function inputsFromHeld(state: KeyState, teamId?: string): Properties {
    const held = Object.fromEntries(FIELDS.map((field) => [field, state[field]]));
    return withoutNull({ ...held, disabled: state.disabled ? true : undefined, teamId });
}

/**
 * The inputs that count as carried out where the API holds a key as it does: the checked ones, but for each field that it
 * holds in another sense what it holds.
 *
 * @param aliases - The names and aliases of the team's models.
 */
export function appliedAsHeld(inputs: Properties, held: Held, aliases: Aliases) {
    const differing = FIELDS.filter((field) => {
        const target = targetOf(field, inputs);
        return target !== undefined && !same(field, target, held[field], aliases);
    });
    return withDrift(appliedInputs(inputs), differing, held);
}

/** The carried-out inputs with what the API holds of the fields that drifted. */
function withDrift(applied: Properties, drifted: readonly Field[], held: Held): Properties {
    return drifted.reduce((inputs, field) => withField(inputs, field, held[field]), applied);
}

function withField(applied: Properties, field: Field, value: unknown): Properties {
    if (field === "disabled" && applied["disabled"] === undefined) {
        // The program leaves it alone.
        return applied;
    }
    const changed = withoutNull({ ...applied, [field]: value });
    if (field !== "expireTime" || (value ?? null) !== null || applied["expiresIn"] === undefined) {
        return changed;
    }
    // An expiry that somebody removed: as if none had been counted.
    const { expiresIn: _, [ROTATION_RECORD]: record, ...rest } = changed;
    const { number, since } = recordIn({ [ROTATION_RECORD]: record }) ?? { number: 0 };
    return { ...rest, [ROTATION_RECORD]: withoutNull({ number, since }) };
}

/** The carried-out inputs once some fields were written as the program gives them. */
export function carriedOut(applied: Properties, fields: readonly Field[], news: Properties): Properties {
    const changed = { ...applied, ...Object.fromEntries(fields.map((field) => [field, news[field]])) };
    if (!fields.includes("expireTime")) {
        return withoutNull(changed);
    }
    const [done, counted] = [recordIn(applied), recordIn(news)];
    // After an import nothing is counted until an update has done everything.
    const record = done && withoutNull({ ...done, expireTime: counted?.expireTime, expiresIn: counted?.expiresIn });
    return withoutNull({ ...changed, expiresIn: news["expiresIn"], [ROTATION_RECORD]: record });
}

/** The carried-out inputs once an update has done everything: the program's, but for fields that drifted meanwhile. */
export function settled(state: KeyState, news: Properties): KeyState {
    const { applied = {} } = state;
    const drifted = FIELDS.filter((field) => {
        const target = targetOf(field, news);
        return target !== undefined && !same(field, applied[field], news[field]) && !same(field, target, state[field]);
    });
    return { ...state, onDelete: onDeleteOf(news), applied: withDrift(appliedInputs(news), drifted, state) };
}

/** The carried-out inputs after a rotation: what was counted and its triggers, and the expiry as far as it was set. */
export function afterRotation({ applied = {}, expireTime }: KeyState, inputs: Properties): Properties {
    const { rotation, ...rest } = applied;
    const [done, counted] = [recordIn(applied), recordIn(inputs)];
    const isSet = same("expireTime", expiryOf(inputs), expireTime);
    const kept = isSet ? {} : { expireTime: done?.expireTime, expiresIn: done?.expiresIn };
    const { number = 0, since, ...expiry } = { ...counted, ...kept };
    return {
        ...rest,
        ...(inputs["rotation"] ? { rotation: inputs["rotation"] } : {}),
        ...(isSet && inputs["expiresIn"] ? { expiresIn: inputs["expiresIn"] } : {}),
        [ROTATION_RECORD]: withoutNull({ number, since, ...expiry }),
    };
}

/**
 * A state brought up to date with an answer of the API. A value that only took another form goes to the outputs; a value
 * that means something else goes to the carried-out inputs as well, so that the next diff shows it.
 *
 * @param aliases - The names and aliases of the team's models.
 */
export function observed(before: KeyState, key: ApiKey, aliases: Aliases): KeyState {
    const held = heldValues(key, before);
    const drifted = FIELDS.filter((field) => !same(field, before[field], held[field], aliases));
    const applied = before.applied && withDrift(before.applied, drifted, held);
    return { ...before, ...held, ...identity(key, before), applied };
}
