import { DynamicProvider } from "./hosts/dynamic.js";

/**
 * The dynamic provider. Every state file names it: `exports.handler=()=>require("pulumi-xai/provider").provider`. This
 * export stays for ever, because refresh and destroy run what the state names.
 */
export const provider = new DynamicProvider();
