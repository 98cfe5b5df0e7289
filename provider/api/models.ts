import { z } from "zod";
import { answerWith } from "./answers.js";
import type { Http } from "./http.js";
import { path } from "./path.js";

/**
 * A model as one cluster serves it. Beside the fields here it has the API's other ones: limits and prices as integer texts,
 * `cluster`, `features`, `resolutionPricing` and so on.
 */
const modelSchema = z.looseObject({
    name: z.string().min(1),
    version: z.string().nullish(),
    aliases: z.array(z.string()).nullish(),
    /** `TEXT`, `IMAGE`, `AUDIO`, `VIDEO`, or a newer one. */
    inputModalities: z.array(z.string()).nullish(),
    outputModalities: z.array(z.string()).nullish(),
});
/** A model as one cluster serves it. */
export type ClusterModel = Readonly<z.infer<typeof modelSchema>>;

/** One cluster, and the models that it serves to the team. */
export interface ClusterConfig {
    readonly clusterName: string;
    /** Every model of every list. The kind is the list's name without "Models": `language`, `imageGeneration`. */
    readonly models: readonly { readonly kind: string; readonly model: ClusterModel }[];
    /** The lists by the API's own names, for example `languageModels`. */
    readonly lists: Readonly<Record<string, readonly ClusterModel[]>>;
    /** The cluster as the API answered it. */
    readonly raw: Readonly<Record<string, unknown>>;
}

const LIST_NAME = /Models$/;

/** Reads every list of models, whatever the kind is called: new kinds need no change here. */
const clusterSchema = z.looseObject({ clusterName: z.string() }).transform((raw, context): ClusterConfig => {
    const lists: Record<string, readonly ClusterModel[]> = {};
    for (const [name, value] of Object.entries(raw)) {
        const isList = LIST_NAME.test(name);
        if (!isList && !(Array.isArray(value) && value.length > 0)) {
            continue;
        }
        const parsed = z.array(modelSchema).safeParse(value ?? []);
        if (parsed.success) {
            lists[name] = parsed.data;
        } else if (isList) {
            for (const { path: within, message } of parsed.error.issues) {
                context.addIssue({ code: "custom", path: [name, ...within], message });
            }
        }
    }
    const models = Object.entries(lists).flatMap(([name, list]) =>
        list.map((model) => ({ kind: name.replace(LIST_NAME, ""), model })),
    );
    return { clusterName: raw.clusterName, models, lists, raw };
});

const modelsSchema = answerWith("clusterConfigs", z.object({ clusterConfigs: z.array(clusterSchema).nullish() }));

/** Lists the models that a team can use, cluster by cluster. */
export async function listModels(http: Http, teamId: string): Promise<readonly ClusterConfig[]> {
    const answer = await http.send({
        action: { endpoint: "ListModelsForTeam", description: `list the models of team ${teamId}` },
        method: "GET",
        path: path`/auth/teams/${teamId}/models`,
        answer: modelsSchema,
        repeatable: true,
    });
    return answer.clusterConfigs ?? [];
}
