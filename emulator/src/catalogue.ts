import {
    type EmbeddingModel,
    embeddingModels,
    type ImageModel,
    imageModels,
    type LanguageModel,
    languageModels,
    type Model,
} from "./models.js";

/** An endpoint of the inference API that a key can be let into, as `GET …/endpoints` answers it. */
export interface EndpointAcl {
    acl: string;
    description: string;
    namespace: string;
    key: string;
    value: string;
}

/** The models of one cluster, as `GET …/models` answers them. */
export interface ClusterConfig {
    clusterName: string;
    languageModels: LanguageModel[];
    embeddingModels: EmbeddingModel[];
    imageGenerationModels: ImageModel[];
    audioModels: Model[];
    videoGenerationModels: Model[];
}

const ENDPOINTS: ReadonlyMap<string, string> = new Map([
    ["chat", "Chat and vision models"],
    ["embed", "Embedding models"],
    ["image", "Image generation models"],
    ["models", "Listing of models"],
    ["sample", "Raw sampling"],
    ["tokenize", "Tokenization of text"],
    ["documents", "Search in documents"],
]);

/** What the emulated team can use: the same for every team. */
export class Catalogue {
    readonly #clusters: readonly string[];
    readonly #retired = new Set<string>();

    constructor(clusters: readonly string[]) {
        this.#clusters = [...clusters];
    }

    endpoints(): EndpointAcl[] {
        return [...ENDPOINTS].map(([value, description]) => ({
            acl: `api-key:endpoint:${value}`,
            description,
            namespace: "api-key",
            key: "endpoint",
            value,
        }));
    }

    clusterConfigs(): ClusterConfig[] {
        return this.#clusters.map((cluster) => ({
            clusterName: cluster,
            languageModels: this.#kept(languageModels(cluster)),
            embeddingModels: this.#kept(embeddingModels(cluster)),
            imageGenerationModels: this.#kept(imageModels(cluster)),
            audioModels: [],
            videoGenerationModels: [],
        }));
    }

    /** Takes a model (by its name or an alias) out of the listing, on every cluster. */
    retire(nameOrAlias: string): void {
        const name = this.modelName(nameOrAlias);
        if (name === undefined) {
            throw new Error(`There is no model "${nameOrAlias}".`);
        }
        this.#retired.add(name);
    }

    /** The name of the model that has this name or alias, or undefined where the team has none such. */
    modelName(nameOrAlias: string): string | undefined {
        // The clusters all serve the same models, so that any one of them knows.
        const models = [...languageModels(""), ...embeddingModels(""), ...imageModels("")];
        const found = this.#kept(models).find(
            (model) => model.name === nameOrAlias || model.aliases.includes(nameOrAlias),
        );
        return found?.name;
    }

    /** Why a permission of a key is not one that this team can give, or undefined where it is. */
    aclProblem(acl: string): string | undefined {
        const [, kind, value] = /^api-key:(model|endpoint):(.+)$/.exec(acl) ?? [];
        if (kind === undefined || value === undefined) {
            return `"${acl}" is neither api-key:model:<name or *> nor api-key:endpoint:<name or *>`;
        }
        const known = value === "*" || (kind === "model" ? this.modelName(value) !== undefined : ENDPOINTS.has(value));
        return known ? undefined : `"${acl}" names ${kind === "model" ? "a model" : "an endpoint"} that the team lacks`;
    }

    /** A permission with the model's name where it has an alias. */
    withModelName(acl: string): string {
        const alias = /^api-key:model:(.+)$/.exec(acl)?.[1];
        const name = alias === undefined ? undefined : this.modelName(alias);
        return name === undefined ? acl : `api-key:model:${name}`;
    }

    #kept<M extends Model>(models: M[]): M[] {
        return models.filter((model) => !this.#retired.has(model.name));
    }
}
