/** The stack of every test. */
export const STACK = "test";
/** How many resources are worked on at once: more than any test has in flight. */
export const PARALLEL = 16;
