import * as xai from "pulumi-xai";
import * as provider from "pulumi-xai/provider";
import { startEmulator } from "xai-management-emulator";
import { useAll } from "./scenario.cjs";

useAll({ xai, provider, startEmulator }).then(() => {
    process.stdout.write("CommonJS: all good\n");
});
