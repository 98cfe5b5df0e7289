import type { ClusterConfig } from "../provider/api/models.js";
import { askOnce } from "./dataSession.js";

/** A team's models as the API answers them: asked for once a deployment, by all look-ups that need them. */
export function clusterConfigsOf(teamId: string | undefined): Promise<{ teamId: string; answer: ClusterConfig[] }> {
    return askOnce("models", teamId, async (session, team) => {
        const { listModels } = await import("../provider/api/models.js");
        return [...(await listModels(session.http, team))];
    });
}
