import { shorten, XaiError } from "../provider/api/errors.js";
import type { ClusterConfig, ModelKind } from "../provider/api/models.js";
import { suggest } from "../provider/catalogue.js";
import { show } from "./lookUpArguments.js";
import { type Model, modelsOf } from "./models.js";

/** Which of a team's models were meant. Pure. */

/** The model or cluster that was meant is not there, or is not one alone. */
export class ModelChoiceError extends XaiError {}

/** What is known of a question about a team's models: whose they are, and whether what was asked is a secret. */
export interface Asker {
    readonly teamId: string;
    readonly isSecret: boolean;
}

/**
 * The model of a name or an alias; a name goes before an alias.
 *
 * @throws {@link ModelChoiceError} where there is none, with what was probably meant, or more than one.
 */
export function theModel(
    models: readonly Model[],
    { name, kind }: { readonly name: string; readonly kind?: ModelKind | undefined },
    { teamId, isSecret }: Asker,
): Model {
    const ofKind = models.filter((model) => kind === undefined || model.kind === kind);
    const named = ofKind.filter((model) => model.name === name);
    const found = named.length > 0 ? named : ofKind.filter((model) => model.aliases.includes(name));
    const [model, ...others] = found;
    if (model === undefined) {
        const names = ofKind.flatMap((one) => [one.name, ...one.aliases]);
        const what = kind === undefined ? "model" : `model of kind "${kind}"`;
        // What is near a secret would give it away.
        const suggestion = isSecret ? "" : suggest(name, names);
        throw new ModelChoiceError(
            `Team ${teamId} has no ${what} with the name or alias ${show(name, isSecret)}${finished(suggestion)}`,
        );
    }
    if (others.length > 0) {
        const all = found.map((one) => `${one.name} (${one.kind})`).join(", ");
        throw new ModelChoiceError(
            `${show(name, isSecret)} is the name or alias of ${found.length} models of team ${teamId}: ${all}. Give the name of one of them, and its \`kind\` where the names are the same.`,
        );
    }
    return model;
}

/**
 * The models of a kind, those that a cluster serves: with the limits and prices of that cluster, and all aliases and
 * clusters.
 *
 * @throws {@link ModelChoiceError} where the team has no such cluster.
 */
export function modelsChosen(
    clusterConfigs: readonly ClusterConfig[],
    { kind, cluster }: { readonly kind?: ModelKind | undefined; readonly cluster?: string | undefined },
    { teamId, isSecret }: Asker,
): Model[] {
    const all = modelsOf(clusterConfigs);
    const served = cluster === undefined ? all : servedBy(cluster);
    return served.filter((model) => kind === undefined || model.kind === kind);

    function servedBy(name: string): Model[] {
        const configs = clusterConfigs.filter(({ clusterName }) => clusterName === name);
        if (configs.length === 0) {
            const names = [...new Set(clusterConfigs.map(({ clusterName }) => clusterName))];
            const suggestion = isSecret ? "" : suggest(name, names);
            throw new ModelChoiceError(`Team ${teamId} has no cluster ${show(name, isSecret)}${finished(suggestion)}`);
        }
        return modelsOf(configs).map((model) => {
            const whole = all.find((one) => one.name === model.name && one.kind === model.kind);
            return { ...model, clusters: whole?.clusters ?? model.clusters, aliases: whole?.aliases ?? model.aliases };
        });
    }
}

/** A suggestion, of names from outside, as a sentence's end. */
function finished(suggestion: string): string {
    const line = shorten(suggestion);
    return line.endsWith("?") ? line : `${line}.`;
}
