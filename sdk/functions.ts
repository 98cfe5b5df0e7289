import { inProgram } from "./callFunction.js";
import { keyFunctions } from "./keys.js";
import { managementKeyFunctions } from "./managementKey.js";
import { modelFunctions } from "./models.js";

/** The functions in dynamic mode. */
export const { getModels, getModelsOutput, getModel, getModelOutput, getEndpoints, getEndpointsOutput } =
    modelFunctions(inProgram);
export const { getApiKeys, getApiKeysOutput, getApiKey, getApiKeyOutput } = keyFunctions(inProgram);
export const { getManagementKey, getManagementKeyOutput } = managementKeyFunctions(inProgram);
