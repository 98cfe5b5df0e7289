/** What a request does, in the API's own words. `"unknown"` is a request for a route that the API does not have. */
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

/** Every published route. The two update routes are one operation: the dialect says which of them the server has. */
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

/**
 * The operation that a request asks for, whether or not the emulator's dialect has the route. A proxy between a client and
 * the emulator can tell requests apart with it.
 *
 * ```ts
 * operationOf("DELETE", "/auth/api-keys/5b1c…"); // "deleteApiKey"
 * ```
 *
 * @param path the path without the query
 */
export function operationOf(method: string, path: string): Operation {
    const route = PATTERNS.find((candidate) => candidate.method === method && candidate.pattern.test(path));
    return route?.operation ?? "unknown";
}

/** Whether a path belongs to the API. Anything else on the host is a website's. */
export function isApiPath(path: string): boolean {
    return /^\/(auth|audit)\//.test(path);
}

// Permissions are named after the API's RPCs. The published ones differ from our operations here.
const RPC_NAMES: Partial<Record<Operation, readonly string[]>> = {
    listEndpoints: ["ListPossibleEndpointAcls"],
    listModels: ["ListModels", "ListModelsForTeam"],
    validateManagementKey: [],
    unknown: [],
};

/** The permissions of a management key that allow an operation: any one of them is enough. Empty: it needs none. */
export function sufficientAcls(operation: Operation): string[] {
    const names = RPC_NAMES[operation] ?? [operation.charAt(0).toUpperCase() + operation.slice(1)];
    return names.map((name) => `team-token:endpoint:${name}`);
}

/** Every permission that a management key can have. */
export const ALL_MANAGEMENT_ACLS: readonly string[] = [
    ...new Set(Object.values(ROUTES).flatMap((route) => sufficientAcls(route.operation))),
];
