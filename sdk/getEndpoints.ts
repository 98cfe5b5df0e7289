import * as pulumi from "@pulumi/pulumi";
import type { EndpointAcl } from "../provider/api/endpoints.js";
import { askOnce, type TeamArgs } from "./dataSession.js";

export type { EndpointAcl } from "../provider/api/endpoints.js";

/** The arguments of {@link getEndpoints}. */
export interface GetEndpointsArgs extends TeamArgs {}

/** The arguments of {@link getEndpointsOutput}. */
export interface GetEndpointsOutputArgs {
    /** The team. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: pulumi.Input<string | undefined>;
}

/** The answer of {@link getEndpoints}. */
export interface GetEndpointsResult {
    /** The endpoint permissions that the team's keys can have. */
    acls: EndpointAcl[];
}

/**
 * The endpoint permissions that a team's keys can have. Asked for once a deployment.
 *
 * @throws pulumi.RunError where a setting is missing or the API cannot be asked.
 *
 * @example
 * ```ts
 * const { acls } = await xai.getEndpoints();
 * // [{ acl: "api-key:endpoint:chat", description: "...", namespace: "...", key: "...", value: "..." }, ...]
 * ```
 */
export async function getEndpoints(args: GetEndpointsArgs = {}): Promise<GetEndpointsResult> {
    const answer = await askOnce("endpoints", args, async (session, teamId) => {
        const { listEndpoints } = await import("../provider/api/endpoints.js");
        const { acls } = await listEndpoints(session.http, teamId);
        return { acls: [...acls] };
    });
    // The answer is shared; what a program does to its copy is its own affair.
    return structuredClone(answer);
}

/** The same for arguments that are only known later: {@link getEndpoints} with inputs and an output. */
export function getEndpointsOutput(args: GetEndpointsOutputArgs = {}): pulumi.Output<GetEndpointsResult> {
    return pulumi.output(args.teamId).apply((teamId) => getEndpoints(teamId === undefined ? {} : { teamId }));
}
