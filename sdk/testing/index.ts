/** The local engine. */
export * from "./engine/index.js";
