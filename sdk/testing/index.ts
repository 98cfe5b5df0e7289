/**
 * What tests of programs with `pulumi-xai` need: an emulator of xAI's Management API, and an engine
 * that runs their programs without the Pulumi CLI.
 *
 * @packageDocumentation
 */
export type { Emulator } from "./emulator/emulator.js";
export { startEmulator } from "./emulator/emulator.js";
export type { Fault, Stall } from "./emulator/faults.js";
export type { Operation } from "./emulator/operations.js";
export type { Dialect, EmulatorOptions, Propagation, RateLimit } from "./emulator/options.js";
export type { RecordedRequest } from "./emulator/requests.js";
export type { KeyChanges, StoredKey } from "./emulator/store.js";
export * from "./engine/index.js";
