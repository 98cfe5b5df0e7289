import { ConnectionError, ManagementApiError, ServerError, UnexpectedAnswerError } from "./errors.js";

/**
 * Whether a request that ended with this error may have acted all the same: it, or an attempt before, was sent, and its
 * answer was lost, was a fault of the server's, or could not be read.
 */
export function mayHaveActed(error: unknown): error is ManagementApiError {
    return (
        (error instanceof ManagementApiError && error.anAttemptMayHaveActed) ||
        (error instanceof ConnectionError && !error.neverSent) ||
        error instanceof ServerError ||
        // With a status it is a redirect, which acts on nothing.
        (error instanceof UnexpectedAnswerError && error.status === undefined)
    );
}
