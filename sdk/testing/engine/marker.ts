/** What marks a state file as this engine's, and says to whoever opens it what it is. */
export const STATE_MARKER = "a local engine for tests and first steps; use the Pulumi CLI for real stacks";
