/**
 * What a team has in inference API keys, and what its management key cannot do, as a stack's outputs. It makes nothing,
 * and sees no secret.
 */
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

const namesOf = (keys: readonly xai.GetApiKeyResult[]) => keys.map((key) => key.name).sort();

export = async () => {
    const model = await xai.getModel(new pulumi.Config().get("model") ?? "grok-4");
    const active = await xai.getApiKeys({ activeOnly: true });
    const ofModel = await xai.getApiKeys({ acl: model.acl, activeOnly: true });
    const ofAllModels = await xai.getApiKeys({ acl: xai.acl.allModels, activeOnly: true });
    const { missingAcls } = await xai.getManagementKey();
    return {
        neverExpire: namesOf(active.apiKeys.filter((key) => key.expireTime === undefined)),
        mayUseModel: namesOf(ofModel.apiKeys),
        mayUseEveryModel: namesOf(ofAllModels.apiKeys),
        dollarsPerMillionTokens: model.prices.completionText,
        managementKeyCannot: missingAcls?.map(({ acl, neededTo }) => `${neededTo}: ${acl}`),
    };
};
