/**
 * A strict local server of xAI's Management API, for tests of anything that calls that API.
 *
 * @packageDocumentation
 */
export type { Emulator } from "./emulator.js";
export { startEmulator } from "./emulator.js";
export type { Fault, Stall } from "./faults.js";
export type { KeyChanges, StoredKey } from "./keyStore.js";
export type { ExtraModel } from "./models.js";
export type { Operation } from "./operations.js";
export { operationOf } from "./operations.js";
export type { Dialect, EmulatorOptions, Propagation, RateLimit, ValidationField } from "./options.js";
export type { RecordedRequest } from "./requestLog.js";
