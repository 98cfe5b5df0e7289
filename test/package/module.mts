import * as xai from "pulumi-xai";
import { acl, getModels, XaiApiKey } from "pulumi-xai";
import { XaiApiKey as NativeKey, acl as nativeAcl, getModels as nativeGetModels, Provider } from "pulumi-xai/native";
import * as provider from "pulumi-xai/provider";
import { startEmulator } from "xai-management-emulator";
import { useAll } from "./scenario.cjs";

// Node has to find the names in the CommonJS text by itself.
if (!XaiApiKey || !getModels || !acl || !NativeKey || !nativeGetModels || !nativeAcl || !Provider) {
    throw new Error("a named import is missing");
}
await useAll({ xai, provider, startEmulator });
process.stdout.write("ES module: all good\n");
