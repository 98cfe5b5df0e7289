import type { ClusterConfig } from "../../provider/api/models.js";

/** A cluster that serves the given models and no others. */
export function cluster(clusterName: string, lists: Partial<Omit<ClusterConfig, "clusterName">>): ClusterConfig {
    return {
        clusterName,
        languageModels: [],
        embeddingModels: [],
        imageGenerationModels: [],
        audioModels: [],
        videoGenerationModels: [],
        ...lists,
    };
}
