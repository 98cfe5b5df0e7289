// Checked as Pulumi's older templates check a program: `module: commonjs`, `moduleResolution: node`.
import * as xai from "pulumi-xai";
import { type Emulator, type EmulatorOptions, startEmulator } from "xai-management-emulator";

const key: xai.XaiApiKey = new xai.XaiApiKey("search", { acls: [xai.acl.allModels], tpm: "50000", qps: null });
export const secret = key.apiKey;
// @ts-expect-error: `acls` is missing.
new xai.XaiApiKey("search", {}, { protect: true });
export const limits = xai.getModelsOutput().models.apply((models) => models.map((model) => model.name));

const options: EmulatorOptions = { dialect: { updateRoute: "guide" }, extraModels: { speechModels: [{ name: "m" }] } };
export const emulator: Promise<Emulator> = startEmulator(options);
