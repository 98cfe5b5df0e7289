import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { ALL_MANAGEMENT_ACLS, requiredAcl } from "./operations.js";
import { Refusal } from "./refusal.js";
import type { StoredKey } from "./store.js";
import type { Env, World } from "./world.js";

/** Who may do what: the management key, its permissions, and the teams and keys that it reaches. */

/** Lets through only requests that carry the management key and that it permits. */
export function authorizing(world: World): MiddlewareHandler<Env> {
    return async (context, next) => {
        const token = /^Bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1];
        if (token === undefined) {
            throw new Refusal(401, "no management key was given: Authorization: Bearer <management key>");
        }
        if (!equal(token, world.managementKey.secret)) {
            throw new Refusal(401, "the management key is not valid");
        }
        const needed = requiredAcl(context.get("operation"));
        if (needed !== undefined && !managementAcls(world).includes(needed)) {
            throw new Refusal(403, `the management key lacks the permission ${needed}`);
        }
        await next();
    };
}

/** The permissions that the management key has. */
export function managementAcls(world: World): readonly string[] {
    return world.managementAcls ?? ALL_MANAGEMENT_ACLS;
}

/** The team in the request's path, which must be one that the management key may use. */
export function teamIn(context: Context<Env>, world: World): string {
    const teamId = pathPart(context, "teamId");
    if (!world.teams.has(teamId)) {
        throw new Refusal(403, "the management key has no access to this team");
    }
    return teamId;
}

/** The key in the request's path. */
export function keyIn(context: Context<Env>, world: World): StoredKey {
    return findKey(pathPart(context, "apiKeyId"), world);
}

/** A key that is there and that the management key may touch. */
export function findKey(apiKeyId: string, world: World): StoredKey {
    const key = world.store.find(apiKeyId);
    if (key === undefined) {
        throw new Refusal(404, `there is no API key ${apiKeyId}`);
    }
    if (!world.teams.has(key.teamId)) {
        throw new Refusal(403, "the management key has no access to this key's team");
    }
    return key;
}

function pathPart(context: Context<Env>, name: string): string {
    const part = context.req.param(name);
    if (part === undefined) {
        throw new Error(`the route has no :${name}`);
    }
    return part;
}

function equal(given: string, expected: string): boolean {
    const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
    return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
