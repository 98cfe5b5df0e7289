import { z } from "zod";
import type { RotationInputs } from "./rotationInputs.js";
import { hasUnknown, isUnknown } from "./unknown.js";

/**
 * What the outputs keep of the argument `rotation`. A refresh is told the outputs alone, and where something has drifted it
 * answers the inputs anew: whatever is missing there `ignoreChanges` takes out of the program, too. Pure.
 */

/** The form in which outputs hold a {@link KeptRotation}. */
export const keptRotationSchema = z.object({
    every: z.string().optional(),
    beforeExpiry: z.string().optional(),
    overlap: z.string().optional(),
});

/** The durations of `rotation` as they were given; of the triggers, which may be secret, the schedule has a digest. */
export type KeptRotation = Readonly<z.infer<typeof keptRotationSchema>>;

const DURATIONS = keptRotationSchema.keyof().options;

/** What to keep of an argument; `undefined` where there is none. */
export function keptRotation(rotation: unknown): KeptRotation | undefined {
    if (typeof rotation !== "object" || rotation === null) {
        return undefined;
    }
    const parts = new Map<string, unknown>(Object.entries(rotation));
    return Object.fromEntries(
        DURATIONS.flatMap((name) => {
            const value = parts.get(name);
            return typeof value === "string" ? [[name, value]] : [];
        }),
    );
}

/** Whether an argument's durations are those that were kept. What is not known yet is no change. */
export function sameRotation(kept: KeptRotation | undefined, rotation: unknown): boolean {
    const given = keptRotation(rotation);
    const isSame = (kept === undefined) === (given === undefined);
    return (
        isUnknown(rotation) ||
        hasUnknown(given) ||
        (isSame && DURATIONS.every((name) => kept?.[name] === given?.[name]))
    );
}

/**
 * The argument that a refresh gives back, with {@link triggersFor} in the place of the triggers.
 *
 * @param digest - That of the triggers, as the schedule has it.
 */
export function givenBack(kept: KeptRotation | undefined, digest: string | undefined): RotationInputs | undefined {
    const triggers = digest === undefined ? {} : { triggers: triggersFor(digest) };
    return kept === undefined ? undefined : { ...triggers, ...kept };
}

/** What stands for triggers of which only the digest is known. */
function triggersFor(digest: string): Readonly<Record<string, unknown>> {
    return { digest };
}

/** Whether triggers are what stands for the ones of that digest: `ignoreChanges` hands it back to the next check. */
export function standsFor(triggers: Readonly<Record<string, unknown>>, digest: string | undefined): boolean {
    return digest !== undefined && Object.keys(triggers).length === 1 && triggers["digest"] === digest;
}
