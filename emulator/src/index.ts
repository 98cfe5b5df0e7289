/**
 * A strict local server of xAI's Management API, for tests of whatever calls that API.
 *
 * @packageDocumentation
 */
export type { Emulator } from "./emulator.js";
export { startEmulator } from "./emulator.js";
export type { Fault, Stall } from "./faults.js";
export type { Operation } from "./operations.js";
export type { Dialect, EmulatorOptions, Propagation, RateLimit } from "./options.js";
export type { RecordedRequest } from "./requests.js";
export type { KeyChanges, StoredKey } from "./store.js";
