import { DynamicProvider } from "./dynamic.js";

/**
 * What every state file names: `exports.handler=()=>require("pulumi-xai/provider").provider`. This export is kept for
 * ever, for refresh and destroy run what the state says.
 */
export const provider = new DynamicProvider();
