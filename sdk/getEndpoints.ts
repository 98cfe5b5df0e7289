import type * as pulumi from "@pulumi/pulumi";
import type { EndpointAcl } from "../provider/api/endpoints.js";
import { askOnce, lookUp, lookUpOutput } from "./dataSession.js";
import type { TeamArgs, TeamOutputArgs } from "./teamArgs.js";

export type { EndpointAcl } from "../provider/api/endpoints.js";

/** The arguments of {@link getEndpoints}. */
export interface GetEndpointsArgs extends TeamArgs {}

/** The arguments of {@link getEndpointsOutput}. */
export interface GetEndpointsOutputArgs extends TeamOutputArgs {}

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
export function getEndpoints(args: GetEndpointsArgs = {}): Promise<GetEndpointsResult> {
    return find(args, false);
}

/** The same for arguments that are only known later: {@link getEndpoints} with inputs and an output. */
export function getEndpointsOutput(args: GetEndpointsOutputArgs = {}): pulumi.Output<GetEndpointsResult> {
    return lookUpOutput(args, find);
}

function find(given: unknown, isSecret: boolean): Promise<GetEndpointsResult> {
    return lookUp("getEndpoints", given, isSecret, async ({ teamId }) => {
        const { answer } = await askOnce("endpoints", teamId, async (session, team) => {
            const { listEndpoints } = await import("../provider/api/endpoints.js");
            return [...(await listEndpoints(session.http, team)).acls];
        });
        return { acls: answer };
    });
}
