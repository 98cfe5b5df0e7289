import type { Context } from "hono";
import { keyAnswer } from "./answers.js";
import { Refusal } from "./refusal.js";
import { isActive, type StoredKey } from "./store.js";
import type { Env, World } from "./world.js";

/** What a listing asks for, read from its query. */
interface ListQuery {
    pageSize: number | undefined;
    token: string | undefined;
    /** Keys that have any of these; empty for all. */
    aclFilters: string[];
    activeOnly: boolean;
}

/** The answer to `GET …/api-keys`: one page of a team's keys. */
export function listKeys(context: Context<Env>, teamId: string, world: World): object {
    const query = readQuery(context.req.queries());
    const keys = world.store.list(teamId).filter((key) => isAskedFor(key, query, world.now()) && isShown(key, world));
    const size = query.pageSize && Math.min(query.pageSize, world.dialect.maxPageSize);
    const listing = JSON.stringify([teamId, query.aclFilters, query.activeOnly]);
    const { items, nextToken } = world.pager.page(listing, keys, size, query.token);
    const wrong = context.get("fault")?.page;
    const shown = wrong === "skips a key" ? items.slice(1) : items;
    const token =
        wrong === "ends early" ? undefined : wrong === "repeats its token" ? query.token || nextToken : nextToken;
    // Both forms of "this was the last page" are published: no token, and an empty one.
    const last = world.dialect.unsetAs === "null" ? { paginationToken: "" } : {};
    return {
        apiKeys: shown.map((key) => keyAnswer(key, world.dialect, "redacted")),
        ...(token === undefined ? last : { paginationToken: token }),
    };
}

/** Who is no team admin is shown nothing but what is theirs. */
function isShown(key: StoredKey, { ownKeysOnly, managementKey }: World): boolean {
    return !ownKeysOnly || key.userId === managementKey.ownerUserId;
}

function isAskedFor(key: StoredKey, { aclFilters, activeOnly }: ListQuery, at: Date): boolean {
    const permitted = aclFilters.length === 0 || key.acls.some((acl) => aclFilters.includes(acl));
    return permitted && (!activeOnly || isActive(key, at));
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
        throw new Refusal(400, unknown.map((name) => `${name}: unknown query parameter`).join("; "));
    }
    const size = single("pageSize", pageSize);
    if (size !== undefined && !/^[1-9]\d{0,8}$/.test(size)) {
        throw new Refusal(400, "pageSize: must be an integer >= 1");
    }
    const active = single("activeOnly", activeOnly);
    if (active !== undefined && active !== "true" && active !== "false") {
        throw new Refusal(400, "activeOnly: must be true or false");
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
        throw new Refusal(400, `${name}: must be given once`);
    }
    return values?.[0];
}
