import { z } from "zod";
import { XaiError } from "../api/errors.js";
import { parseDuration } from "../duration.js";
import { ARGUMENTS, type ArgumentName, DEFAULT_OVERLAP, FIELDS, type Field, HELD_FIELDS } from "../fields.js";
import type { Properties } from "./context.js";
import { type RotationRecord, rotationRecordSchema } from "./rotation.js";

/**
 * A key's checked arguments, and the hidden inputs that stand beside them in the state.
 */

/** Marks the output of the same name as secret: its input is an empty secret. */
export const APPLIED = "__inputs";
/** What the checks have counted: {@link RotationRecord}. */
export const ROTATION_RECORD = "__rotation";
/** Why a rotation is due; there only while one is. Visible, so that a preview shows the reason. */
export const ROTATION_DUE = "rotationDue";
/** The inputs beside the arguments. */
const OWN_INPUTS: ReadonlySet<string> = new Set([APPLIED, ROTATION_RECORD, ROTATION_DUE]);

/** The arguments alone, as a program gives them. */
export function argumentsIn(inputs: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => !OWN_INPUTS.has(name)));
}

type Schema<A extends ArgumentName> = (typeof ARGUMENTS)[A]["schema"];

/** Every argument by the table's schema. The required ones stand below. Absent and null mean the same. */
const argumentSchemas = Object.fromEntries(
    Object.entries(ARGUMENTS).map(([name, { schema }]) => [name, schema.nullish()]),
) as { readonly [A in ArgumentName]: z.ZodOptional<z.ZodNullable<Schema<A>>> };

const inputsSchema = z.object({
    ...argumentSchemas,
    name: ARGUMENTS.name.schema,
    acls: ARGUMENTS.acls.schema,
    [ROTATION_RECORD]: rotationRecordSchema.optional(),
});

/** Checked arguments with every value known. */
export type Inputs = Readonly<z.infer<typeof inputsSchema>>;

/**
 * Checked inputs as typed ones. For create and update, where every value is known.
 *
 * @throws XaiError for what a check only warned of because the stack held it already, and no request can carry.
 */
export function parseInputs(inputs: Properties): Inputs {
    const parsed = inputsSchema.safeParse(inputs);
    if (!parsed.success) {
        const properties = new Set(parsed.error.issues.map((issue) => `\`${String(issue.path[0])}\``));
        throw new XaiError(
            `API key ${JSON.stringify(inputs["name"] ?? "")} cannot be written with arguments that the stack holds: ${[...properties].join(", ")}. Correct them in the program.`,
        );
    }
    return parsed.data;
}

/** The record of a check among inputs; `undefined` where there is none that can be read. */
export function recordIn(inputs: Properties): RotationRecord | undefined {
    const parsed = rotationRecordSchema.safeParse(inputs[ROTATION_RECORD]);
    return parsed.success ? parsed.data : undefined;
}

/** The expiry that the key is to have: the one that the program gives, or the counted one. */
export function expiryOf(inputs: Properties): unknown {
    return inputs["expireTime"] ?? recordIn(inputs)?.expireTime ?? null;
}

/** The value that the API is to hold of a field; `undefined` where the program leaves that alone. */
export function targetOf(field: Field, inputs: Properties): unknown {
    if (field === "expireTime") {
        return expiryOf(inputs);
    }
    return field === "disabled" ? (inputs["disabled"] ?? undefined) : (inputs[field] ?? null);
}

/** The value of a field as requests send it: null for "not set". */
export function wireValue(field: Field, inputs: Properties): unknown {
    return HELD_FIELDS[field].encode(targetOf(field, inputs)) ?? null;
}

/** The fields of a create by their names on the wire: null for "not set". */
export function createBody(inputs: Properties): Properties {
    return Object.fromEntries(
        FIELDS.flatMap((field) => {
            const { createName } = HELD_FIELDS[field];
            return createName === null ? [] : [[createName, wireValue(field, inputs)]];
        }),
    );
}

/** How long an old secret goes on working after a rotation, in milliseconds. */
export function overlapOf({ rotation }: Inputs): number {
    return parseDuration(rotation?.overlap ?? DEFAULT_OVERLAP) ?? 0;
}
