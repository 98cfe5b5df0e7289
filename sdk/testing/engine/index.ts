/**
 * The local engine: what Pulumi's Go core does with a program of dynamic resources, and nothing else of it.
 *
 * - `stack` is the face, with what it is made from (`project`, `projectConfig`), told (`stackConfig`, `stackOptions`) and
 *   kept in (`stackStore`); `operation` runs one preview, update, refresh or destroy; `program` and `host` are the
 *   processes that it starts (`processes`), `monitor` is what those talk to, all by Pulumi's own protocol (`sdk`, `wire`).
 * - `deployment` takes what the program registers (`registrar`, `requests`), one at a time, and has the steps of the
 *   generator carried out side by side (`stepRunner`, `apply`, `providers`).
 * - Pure decisions: `generator`, `cascade`, `deletes`, `diff`, `refreshed`, with what they work on in `ledger`, `goal`,
 *   `resource`, `steps`, `values`.
 * - The state: `journal` while it changes, `stateFormat`, `crypto` and `stateFile` where it is kept.
 * - What is said about it: `events`, and `display` as text.
 */

export {
    type Diagnostic,
    type FailedOperation,
    LocalEngineError,
    OperationCancelledError,
    OperationFailedError,
    OperationTimeoutError,
    ProjectError,
    StateFileError,
    StateLockedError,
    UnsupportedFeatureError,
} from "./errors.js";
export type { InlineProgram } from "./inlineProgram.js";
export { STATE_MARKER } from "./marker.js";
export { LocalStack } from "./stack.js";
export type {
    FolderTarget,
    InlineTarget,
    LocalOperationOptions,
    LocalOperationResult,
    LocalStackOptions,
    LocalUpOptions,
} from "./stackOptions.js";
