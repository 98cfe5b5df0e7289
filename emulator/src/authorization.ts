import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { ApiError, MISSING_KEY_MESSAGE } from "./apiError.js";
import type { StoredKey } from "./keyStore.js";
import { ALL_MANAGEMENT_ACLS, isApiPath, sufficientAcls } from "./operations.js";
import type { RequestEnv, State } from "./state.js";

/** Checks the management key, its permissions, and whether it may use a team or a key. */

/** Rejects a request without the management key, or without a permission that its operation needs. */
export function authorize(state: State): MiddlewareHandler<RequestEnv> {
    return async (context, next) => {
        if (!isApiPath(context.get("recorded").path)) {
            return await next();
        }
        const token = /^Bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1];
        if (token === undefined) {
            throw unauthenticated("no management key was given: Authorization: Bearer <management key>");
        }
        if (!equal(token, state.managementKey.secret)) {
            throw unauthenticated("the management key is not valid");
        }
        const acls = sufficientAcls(context.get("operation"));
        if (acls[0] !== undefined && !acls.some((acl) => managementAcls(state).includes(acl))) {
            throw new ApiError(403, `the management key lacks the permission ${acls.join(" or ")}`);
        }
        await next();
    };
}

/** The permissions that the management key has. */
export function managementAcls(state: State): readonly string[] {
    return state.managementAcls ?? ALL_MANAGEMENT_ACLS;
}

/** The team in the request's path. The management key must have access to it. */
export function teamFromPath(context: Context<RequestEnv>, state: State): string {
    const teamId = pathParameter(context, "teamId");
    if (!state.teams.has(teamId)) {
        throw new ApiError(403, "the management key has no access to this team");
    }
    return teamId;
}

/** The key in the request's path. */
export function keyFromPath(context: Context<RequestEnv>, state: State): StoredKey {
    return findKey(pathParameter(context, "apiKeyId"), state);
}

/** The key with this id. It must exist, and the management key must have access to its team. */
export function findKey(apiKeyId: string, state: State): StoredKey {
    const key = state.store.find(apiKeyId);
    if (key === undefined) {
        throw new ApiError(404, MISSING_KEY_MESSAGE);
    }
    if (!state.teams.has(key.teamId)) {
        throw new ApiError(403, "the management key has no access to this key's team");
    }
    return key;
}

function unauthenticated(message: string): ApiError {
    return new ApiError(401, message, { "www-authenticate": "Bearer" });
}

function pathParameter(context: Context<RequestEnv>, name: string): string {
    const value = context.req.param(name);
    if (value === undefined) {
        throw new Error(`the route has no :${name}`);
    }
    return value;
}

function equal(given: string, expected: string): boolean {
    const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
    return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
