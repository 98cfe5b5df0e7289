import type { Context } from "hono";
import { ApiError } from "./apiError.js";
import { isExpired, type StoredKey } from "./keyStore.js";
import { keyResponse } from "./responses.js";
import type { RequestEnv, State } from "./state.js";

/** The query of a listing. */
interface ListQuery {
    pageSize: number | undefined;
    token: string | undefined;
    /** Only keys with any of these permissions. Empty: all keys. */
    aclFilters: string[];
    /** Only keys that did not expire. Disabled keys count as active, as on xAI's host. */
    activeOnly: boolean;
}

/** The answer to `GET …/api-keys`: one page of a team's keys. */
export function listKeys(context: Context<RequestEnv>, teamId: string, state: State): object {
    const query = readQuery(context.req.queries());
    const keys = state.store.list(teamId).filter((key) => matches(key, query, state.now()) && isVisible(key, state));
    const size = query.pageSize && Math.min(query.pageSize, state.dialect.maxPageSize);
    const listing = JSON.stringify([teamId, query.aclFilters, query.activeOnly]);
    const { items, nextToken } = state.paginator.page(listing, keys, size, query.token);
    const wrong = context.get("fault")?.page;
    const shown = wrong === "skips a key" ? items.slice(1) : items;
    const token =
        wrong === "ends early" ? undefined : wrong === "repeats its token" ? query.token || nextToken : nextToken;
    // Both ends of a listing are published: no token, and an empty token.
    const last = state.dialect.unsetAs === "null" ? { paginationToken: "" } : {};
    return {
        apiKeys: shown.map((key) => keyResponse(key, state.dialect, "redacted")),
        ...(token === undefined ? last : { paginationToken: token }),
    };
}

/** Whether the management key's user may see a key: only a team admin sees other users' keys. */
function isVisible(key: StoredKey, { ownKeysOnly, managementKey }: State): boolean {
    return !ownKeysOnly || key.userId === managementKey.ownerUserId;
}

function matches(key: StoredKey, { aclFilters, activeOnly }: ListQuery, at: Date): boolean {
    const permitted = aclFilters.length === 0 || key.acls.some((acl) => aclFilters.includes(acl));
    return permitted && (!activeOnly || !isExpired(key, at));
}

function readQuery({
    pageSize,
    paginationToken,
    aclFilters,
    activeOnly,
    ...others
}: Record<string, string[]>): ListQuery {
    const unknown = Object.keys(others);
    if (unknown.length > 0) {
        throw new ApiError(400, unknown.map((name) => `${name}: unknown query parameter`).join("; "));
    }
    const size = single("pageSize", pageSize);
    if (size !== undefined && !/^[1-9]\d{0,8}$/.test(size)) {
        throw new ApiError(400, "pageSize: must be an integer >= 1");
    }
    const active = single("activeOnly", activeOnly);
    if (active !== undefined && active !== "true" && active !== "false") {
        throw new ApiError(400, "activeOnly: must be true or false");
    }
    return {
        pageSize: size === undefined ? undefined : Number(size),
        token: single("paginationToken", paginationToken),
        aclFilters: aclFilters ?? [],
        activeOnly: active === "true",
    };
}

function single(name: string, values: string[] | undefined): string | undefined {
    if (values !== undefined && values.length > 1) {
        throw new ApiError(400, `${name}: must be given once`);
    }
    return values?.[0];
}
