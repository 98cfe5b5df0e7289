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
} from "./errors";
export type { InlineProgram } from "./inlineProgram";
export { STATE_MARKER } from "./marker";
export { LocalStack } from "./stack";
export type {
    FolderTarget,
    InlineTarget,
    LocalOperationOptions,
    LocalOperationResult,
    LocalStackOptions,
    LocalUpOptions,
} from "./stackOptions";
