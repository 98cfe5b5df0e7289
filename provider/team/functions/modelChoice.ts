import { XaiError } from "../../api/errors.js";
import type { ClusterConfig, ClusterModel } from "../../api/models.js";
import { shorten } from "../../api/words.js";
import { suggestName } from "../../suggest.js";
import { show } from "./arguments.js";
import { type Model, modelsOf } from "./models.js";

/** Which of a team's models a program means. Pure. */

/** Who has the data, and whether the arguments are secrets. */
export interface Asked {
    readonly teamId: string;
    readonly isSecret: boolean;
}

const NONE: readonly ClusterModel[] = [];
/** The lists that the API's reference publishes. A cluster may leave one out, and may have newer ones. */
const PUBLISHED_LISTS = {
    languageModels: NONE,
    embeddingModels: NONE,
    imageGenerationModels: NONE,
    audioModels: NONE,
    videoGenerationModels: NONE,
};

/** The API's own answer, in a copy that a program may change, with every published list. */
export function rawClusters(clusters: readonly ClusterConfig[]) {
    return clusters.map(({ clusterName, raw, lists }) =>
        structuredClone({ ...PUBLISHED_LISTS, ...raw, ...lists, clusterName }),
    );
}

/**
 * The models of a kind that a cluster serves: with the limits and prices of that cluster, and all aliases and clusters.
 *
 * @throws XaiError where the team has no such cluster or kind.
 */
export function chooseModels(
    clusters: readonly ClusterConfig[],
    choice: { readonly kind?: string | undefined; readonly cluster?: string | undefined },
    asked: Asked,
): Model[] {
    const { kind, cluster } = choice;
    if (kind !== undefined) {
        const lists = [...Object.keys(PUBLISHED_LISTS), ...clusters.flatMap((one) => Object.keys(one.lists))];
        const kinds = lists.map((name) => name.replace(/Models$/, ""));
        if (!kinds.includes(kind)) {
            throw missing("models of kind", kind, kinds, asked);
        }
    }
    const all = modelsOf(clusters);
    let served = all;
    if (cluster !== undefined) {
        const names = clusters.map(({ clusterName }) => clusterName);
        if (!names.includes(cluster)) {
            throw missing("cluster", cluster, names, asked);
        }
        served = modelsOf(clusters.filter(({ clusterName }) => clusterName === cluster)).map((model) => {
            const { aliases, clusters } =
                all.find((one) => one.name === model.name && one.kind === model.kind) ?? model;
            return { ...model, aliases, clusters };
        });
    }
    return served.filter((model) => kind === undefined || model.kind === kind);
}

/**
 * The model of a name or an alias. A name goes before an alias.
 *
 * @throws XaiError where there is none, with what was probably meant, or more than one.
 */
export function chooseModel(
    clusters: readonly ClusterConfig[],
    { name, kind }: { readonly name: string; readonly kind?: string | undefined },
    asked: Asked,
): Model {
    const models = chooseModels(clusters, { kind }, asked);
    const named = models.filter((model) => model.name === name);
    const found = named.length > 0 ? named : models.filter((model) => model.aliases.includes(name));
    const [model, ...others] = found;
    if (model === undefined) {
        const names = models.flatMap((one) => [one.name, ...one.aliases]);
        const what = kind === undefined ? "model" : `model of kind ${show(kind, asked.isSecret)}`;
        throw missing(`${what} with the name or alias`, name, names, asked);
    }
    if (others.length > 0) {
        const all = shorten(found.map((one) => `${one.name} (${one.kind})`).join(", "));
        throw new XaiError(
            `${show(name, asked.isSecret)} is the name or alias of ${found.length} models of team ${asked.teamId}: ${all}. Give the name of one of them, and its \`kind\` where the names are the same.`,
        );
    }
    return model;
}

/** A suggestion for a secret would give it away. */
function missing(what: string, given: string, names: readonly string[], { teamId, isSecret }: Asked): XaiError {
    const suggestion = isSecret ? "" : shorten(suggestName(given, [...new Set(names)]));
    const end = suggestion.endsWith("?") ? suggestion : `${suggestion}.`;
    return new XaiError(`Team ${teamId} has no ${what} ${show(given, isSecret)}${end}`);
}
