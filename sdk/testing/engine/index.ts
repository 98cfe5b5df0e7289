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
export type { InlineProgram } from "./program";
export {
    type FolderTarget,
    type InlineTarget,
    type LocalOperationOptions,
    type LocalOperationResult,
    LocalStack,
    type LocalStackOptions,
    type LocalUpOptions,
} from "./stack";
export { STATE_MARKER } from "./stateFormat";
