import * as xai from "pulumi-xai";
import { acl, getModels, XaiApiKey } from "pulumi-xai";
import * as provider from "pulumi-xai/provider";
import { startEmulator } from "xai-management-emulator";
import { useAll } from "./scenario.cjs";

// Node has to find the names in the CommonJS text by itself.
if (!XaiApiKey || !getModels || !acl) {
    throw new Error("a named import is missing");
}
await useAll({ xai, provider, startEmulator });
process.stdout.write("ES module: all good\n");
