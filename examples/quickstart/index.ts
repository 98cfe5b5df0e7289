import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

const settings = new pulumi.Config();

// Each service gets a key of its own that can do what the service does, and no more.
const search = new xai.XaiApiKey("search", {
    acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
    qps: 5,
    qpm: settings.getNumber("searchQpm") ?? 100,
    tpm: 50_000,
});

const thumbnails = new xai.XaiApiKey("thumbnails", {
    acls: [xai.acl.model("grok-2-image"), xai.acl.endpoint("image")],
    qpm: 20,
});

export const searchKey = search.apiKey;
export const thumbnailsKey = thumbnails.apiKey;
export const languageModels = xai
    .getModelsOutput()
    .models.apply((models) => models.filter((model) => model.kind === "language").map((model) => model.name));
