/** A function that is a Pulumi program; what it returns are the stack's outputs. */
export type InlineProgram = () => Promise<Record<string, unknown> | undefined> | Promise<void>;
