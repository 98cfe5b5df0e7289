import { z } from "zod";

/**
 * All that the model knows of the provider beyond its arguments and outputs: where its records stand in the state, and the words
 * of its messages. The promises are checked elsewhere.
 */

const appliedSchema = z
    .object({ __rotation: z.object({ since: z.string().optional(), expireTime: z.string().optional() }).optional() })
    .optional()
    .catch(undefined);

/** What the state says of a key's times: RFC 3339. */
export interface Times {
    /** What `rotation.every` counts from. */
    readonly since: string | undefined;
    /** The expiry that `expiresIn` came to. */
    readonly expireTime: string | undefined;
}

/** @param outputs In the clear. */
export function timesIn(outputs: Readonly<Record<string, unknown>>): Times {
    const applied = appliedSchema.parse(outputs["__inputs"]);
    const { since, expireTime } = applied?.__rotation ?? {};
    return { since, expireTime };
}

/** Whether a message says that a create may have made a key of which nobody heard. */
export function isOpenCreate(message: string): boolean {
    return /The key may exist all the same|host was killed during create|error reading from server: /.test(message);
}

/** The id of a key that a warning calls left behind by an interrupted update. */
export function orphanIn(message: string): string | undefined {
    return /^API key "[^"]*" \((\S+)\) of team \S+ has the default name of a new key/.exec(message)?.[1];
}

/** Whether an error says that the key is due for a new secret that this server cannot give, and how to replace the key. */
export function asksForReplacement(message: string, id: string): boolean {
    return message
        .split("\n")
        .some((line) => line.includes(`(${id})`) && line.includes("but this server cannot give it one"));
}
