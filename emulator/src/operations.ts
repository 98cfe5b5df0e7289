/** What a request asks for, in the API's own words. `"unknown"` is anything that the API does not have. */
export type Operation =
    | "createApiKey"
    | "listApiKeys"
    | "updateApiKey"
    | "rotateApiKey"
    | "deleteApiKey"
    | "checkApiKeyPropagation"
    | "listModels"
    | "listEndpoints"
    | "validateManagementKey"
    | "unknown";

/** Every published route. The two update routes are one operation: which of them there is, is a matter of dialect. */
export const ROUTES = {
    create: { operation: "createApiKey", method: "POST", path: "/auth/teams/:teamId/api-keys" },
    list: { operation: "listApiKeys", method: "GET", path: "/auth/teams/:teamId/api-keys" },
    updateInTeam: { operation: "updateApiKey", method: "PUT", path: "/auth/teams/:teamId/api-keys" },
    updateById: { operation: "updateApiKey", method: "PUT", path: "/auth/api-keys/:apiKeyId" },
    rotate: { operation: "rotateApiKey", method: "POST", path: "/auth/api-keys/:apiKeyId/rotate" },
    delete: { operation: "deleteApiKey", method: "DELETE", path: "/auth/api-keys/:apiKeyId" },
    propagation: {
        operation: "checkApiKeyPropagation",
        method: "GET",
        path: "/auth/api-keys/:apiKeyId/propagation",
    },
    models: { operation: "listModels", method: "GET", path: "/auth/teams/:teamId/models" },
    endpoints: { operation: "listEndpoints", method: "GET", path: "/auth/teams/:teamId/endpoints" },
    validation: { operation: "validateManagementKey", method: "GET", path: "/auth/management-keys/validation" },
} as const satisfies Record<string, { operation: Operation; method: string; path: string }>;

const PATTERNS = Object.values(ROUTES).map((route) => ({
    ...route,
    pattern: new RegExp(`^${route.path.replaceAll(/:\w+/g, "[^/]+")}$`),
}));

/** The operation that a request asks for, whether or not this server's dialect has the route. */
export function operationOf(method: string, path: string): Operation {
    const route = PATTERNS.find((candidate) => candidate.method === method && candidate.pattern.test(path));
    return route?.operation ?? "unknown";
}

/**
 * The permission that a management key needs for an operation, or undefined where it needs none. The page names three of
 * them (`ListApiKeys`, `CheckApiKeyPropagation`, `ListPossibleEndpointAcls`); the others are named after their operation.
 */
export function requiredAcl(operation: Operation): string | undefined {
    if (operation === "unknown" || operation === "validateManagementKey") {
        return undefined;
    }
    const name =
        operation === "listEndpoints"
            ? "ListPossibleEndpointAcls"
            : operation.charAt(0).toUpperCase() + operation.slice(1);
    return `team-token:endpoint:${name}`;
}

/** Every permission that a management key can have, as an unrestricted one is answered with. */
export const ALL_MANAGEMENT_ACLS: readonly string[] = [
    ...new Set(Object.values(ROUTES).flatMap((route) => requiredAcl(route.operation) ?? [])),
];
