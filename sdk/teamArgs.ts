import type * as pulumi from "@pulumi/pulumi";

/** Where the team's data is read. */
export interface TeamArgs {
    /** The team. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: string;
}

/** The same, for what is only known later. */
export interface TeamOutputArgs {
    /** The team. Default: `xai:teamId`, then `XAI_TEAM_ID`, then the management key's own team. */
    teamId?: pulumi.Input<string | undefined>;
}
