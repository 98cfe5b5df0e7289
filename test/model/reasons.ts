import type { StoredKey as ServerKey } from "xai-management-emulator";
import type { ModelOperation, ModelResult, StoredKey } from "./modelStack.js";
import { argsInForce, type ModelProgram } from "./program.js";

/** What there is at one moment: on the server by id, and in the stack's state. */
export interface Moment {
    readonly server: ReadonlyMap<string, ServerKey>;
    readonly state: readonly StoredKey[];
}

/** An operation between two moments. */
export interface Operated {
    readonly operation: ModelOperation;
    readonly before: Moment;
    readonly after: Moment;
    readonly result: ModelResult;
    readonly model: ModelProgram;
    /** The logical names of keys that the user has asked to replace. */
    readonly replace: readonly string[];
    /** The team of a key whose program names none. */
    readonly teamId: string;
}

/** What an operation did to keys without a reason in the program: it switched one on or off, or replaced one. */
export function withoutReason(operated: Operated): readonly string[] {
    return [...wrongSwitches(operated), ...wrongReplacements(operated), ...wrongCreations(operated)];
}

/** Only an explicit `disabled` switches a key, and `onDelete: "disable"` the key of a resource that goes. */
function wrongSwitches({ operation, before, after, model }: Operated): readonly string[] {
    const holders = [...before.state, ...after.state];
    return [...after.server].flatMap(([id, { disabled }]) => {
        const then = before.server.get(id)?.disabled ?? disabled;
        if (then === disabled) return [];
        const isSaid = holders
            .filter((held) => held.id === id)
            .some(
                ({ name, inputs, outputs }) =>
                    argsInForce(model.argsOf(name), inputs).disabled === disabled ||
                    (disabled &&
                        outputs["onDelete"] === "disable" &&
                        (operation === "destroy" || !model.names.includes(name) || isReplaced(after.state, id))),
            );
        const isAdopted = model.names.some(
            (name) => model.adoptionOf(name)?.adoptKeyId === id && model.argsOf(name).disabled === disabled,
        );
        return isSaid || isAdopted ? [] : [`${id} was switched ${disabled ? "off" : "on"}`];
    });
}

function isReplaced(state: readonly StoredKey[], id: string): boolean {
    return !state.some((held) => held.id === id && !held.delete);
}

/** Only the argument `teamId` replaces a key, and the user who asks for it. */
function wrongReplacements({ before, after, model, replace }: Operated): readonly string[] {
    return after.state
        .filter((held) => !held.delete)
        .flatMap(({ name, id }) => {
            const old = before.state.find((held) => held.name === name && !held.delete);
            const { teamId = old?.outputs["teamId"] } = model.argsOf(name);
            const isSaid = replace.includes(name) || teamId !== old?.outputs["teamId"];
            return old === undefined || old.id === id || isSaid ? [] : [`${old.id} of ${name} was replaced`];
        });
}

/** A new key is on, and in the configured team, unless the program says otherwise. */
function wrongCreations({ before, after, result, model, teamId: configured }: Operated): readonly string[] {
    return after.state.flatMap(({ name, id, inputs }) => {
        const key = before.server.has(id) ? undefined : after.server.get(id);
        const { disabled = false, teamId = configured } = argsInForce(model.argsOf(name), inputs);
        if (key === undefined || (result.ok ? key.disabled === disabled : !key.disabled || disabled)) {
            return key === undefined || key.teamId === teamId ? [] : [`${id} of ${name} was made in another team`];
        }
        return [`${id} of ${name} was made ${key.disabled ? "off" : "on"}`];
    });
}
