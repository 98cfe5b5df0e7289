import * as xai from "pulumi-xai";
import * as provider from "pulumi-xai/provider";
import * as testing from "pulumi-xai/testing";
import { useAll } from "./scenario.cjs";

useAll({ xai, testing, provider }).then(() => {
    process.stdout.write("CommonJS: all good\n");
});
