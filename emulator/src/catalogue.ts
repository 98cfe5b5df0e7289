import {
    type ExtraModel,
    embeddingModels,
    extraModel,
    imageModels,
    languageModels,
    type Model,
    videoModels,
} from "./models.js";

/** An endpoint of the inference API that a key can be allowed to use, as `GET …/endpoints` answers it. */
export interface EndpointAcl {
    acl: string;
    description: string;
    namespace: string;
    key: string;
    value: string;
}

const ENDPOINTS: ReadonlyMap<string, string> = new Map([
    ["chat", "Chat and vision models"],
    ["embed", "Embedding models"],
    ["image", "Image generation models"],
    ["models", "Listing of models"],
    ["sample", "Raw sampling"],
    ["tokenize", "Tokenization of text"],
    ["documents", "Search in documents"],
    ["voice", "Voice models"],
]);

/** The models and endpoints that a team can use: the same for every team. */
export class Catalogue {
    readonly #clusters: readonly string[];
    readonly #extraModels: Readonly<Record<string, readonly ExtraModel[]>>;
    readonly #retired = new Set<string>();

    constructor(clusters: readonly string[], extraModels: Readonly<Record<string, readonly ExtraModel[]>> = {}) {
        this.#clusters = [...clusters];
        this.#extraModels = structuredClone(extraModels);
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

    /** What `GET …/models` answers: the lists of models of each cluster. */
    clusterConfigs(): object[] {
        return this.#clusters.map((cluster) => ({ clusterName: cluster, ...this.#modelLists(cluster) }));
    }

    /** Removes a model (by its name or an alias) from the listing, on every cluster. */
    retire(nameOrAlias: string): void {
        const name = this.modelName(nameOrAlias);
        if (name === undefined) {
            throw new Error(`There is no model "${nameOrAlias}".`);
        }
        this.#retired.add(name);
    }

    /** The name of the model with this name or alias, or undefined if there is none. */
    modelName(nameOrAlias: string): string | undefined {
        // All clusters serve the same models, so any one will do.
        const found = Object.values(this.#modelLists(""))
            .flat()
            .find((model) => model.name === nameOrAlias || model.aliases.includes(nameOrAlias));
        return found?.name;
    }

    /** Why a key cannot have a permission, or undefined if it can. */
    aclProblem(acl: string): string | undefined {
        const [, kind, value] = /^api-key:(model|endpoint):(.+)$/.exec(acl) ?? [];
        if (kind === undefined || value === undefined) {
            return `"${acl}" is neither api-key:model:<name or *> nor api-key:endpoint:<name or *>`;
        }
        const known = value === "*" || (kind === "model" ? this.modelName(value) !== undefined : ENDPOINTS.has(value));
        return known ? undefined : `"${acl}" names ${kind === "model" ? "a model" : "an endpoint"} that the team lacks`;
    }

    /** A permission with the model's name in place of an alias. */
    withModelName(acl: string): string {
        const alias = /^api-key:model:(.+)$/.exec(acl)?.[1];
        const name = alias === undefined ? undefined : this.modelName(alias);
        return name === undefined ? acl : `api-key:model:${name}`;
    }

    #modelLists(cluster: string): Record<string, Model[]> {
        const lists: Record<string, Model[]> = {
            languageModels: languageModels(cluster),
            embeddingModels: embeddingModels(cluster),
            imageGenerationModels: imageModels(cluster),
            audioModels: [],
            videoGenerationModels: videoModels(cluster),
        };
        for (const [list, models] of Object.entries(this.#extraModels)) {
            lists[list] = [...(lists[list] ?? []), ...models.map((model) => extraModel(model, cluster))];
        }
        return Object.fromEntries(
            Object.entries(lists).map(([list, models]) => [
                list,
                models.filter(({ name }) => !this.#retired.has(name)),
            ]),
        );
    }
}
