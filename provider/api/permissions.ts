/** The permissions of management keys that this provider needs, and how the API names them. */

/** How the name of every permission begins; the endpoint's name follows. */
export const PERMISSION = "team-token:endpoint:";

/** A permission that this provider needs. */
export interface Permission {
    /** What it is needed for, after "needed to". */
    readonly neededTo: string;
    /** Whether the API publishes the name. The others are guessed from those. */
    readonly isPublished: boolean;
    /** Another endpoint name by which the API publishes it. */
    readonly otherName?: string;
}

/** The permissions by the names of their endpoints. */
export const PERMISSIONS: Readonly<Record<string, Permission>> = {
    CreateApiKey: { neededTo: "create keys", isPublished: true },
    ListApiKeys: { neededTo: "refresh and look up keys", isPublished: true },
    UpdateApiKey: { neededTo: "change keys", isPublished: false },
    RotateApiKey: { neededTo: "give a key a new secret", isPublished: false },
    DeleteApiKey: { neededTo: "delete keys", isPublished: false },
    CheckApiKeyPropagation: { neededTo: "wait until every cluster knows a key", isPublished: true },
    ListModelsForTeam: {
        neededTo: "look up models and check the permissions of keys against them",
        isPublished: true,
        otherName: "ListModels",
    },
    ListPossibleEndpointAcls: {
        neededTo: "look up endpoints and check the permissions of keys against them",
        isPublished: true,
    },
};
