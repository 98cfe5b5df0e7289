// A web framework without dependencies of its own, as is @hono/node-server, its adapter.
import { type Context, Hono } from "hono";
import { ApiError, errorBody, MISSING_KEY_MESSAGE, MISSING_ROUTE_MESSAGES } from "./apiError.js";
import { authorize, findKey, keyFromPath, managementAcls, teamFromPath } from "./authorization.js";
import type { Fault } from "./faults.js";
import { newKeySettings, rotationChanges, updateChanges } from "./keySettings.js";
import type { KeyChanges, StoredKey } from "./keyStore.js";
import { listKeys } from "./listKeys.js";
import { addLatency, errorResponse, injectFaults, limitRate, recordRequests } from "./middleware.js";
import { isApiPath, ROUTES } from "./operations.js";
import { readCreate, readRotate, readUpdate, type UpdatedKey } from "./requestBodies.js";
import { keyResponse, managementKeyResponse } from "./responses.js";
import type { RequestEnv, State } from "./state.js";

/** The emulator's HTTP application: two pages for people, and the Management API. */
export function createApp(state: State): Hono<RequestEnv> {
    const app = new Hono<RequestEnv>();
    app.get("/", (context) => context.text(homePage(state)));
    app.get("/_emulator/keys", (context) => context.json(redactedKeys(state)));
    app.use(recordRequests(state), addLatency(state), limitRate(state), injectFaults(state), authorize(state));
    addTeamRoutes(app, state);
    addKeyRoutes(app, state);
    app.notFound((context) =>
        isApiPath(context.req.path)
            ? errorResponse(context, state, 404, MISSING_ROUTE_MESSAGES[404])
            : context.html(errorBody("html", 404, MISSING_ROUTE_MESSAGES[404]).text, 404),
    );
    app.onError((error, context) =>
        error instanceof ApiError
            ? errorResponse(context, state, error.status, error.message, error.headers)
            : errorResponse(context, state, 500, `the emulator failed: ${error.message}`),
    );
    return app;
}

function addTeamRoutes(app: Hono<RequestEnv>, state: State): void {
    const { dialect, store, catalogue } = state;
    app.on(ROUTES.create.method, ROUTES.create.path, (context) => {
        const teamId = teamFromPath(context, state);
        const settings = newKeySettings(readCreate(context.get("body")), state);
        const key = store.add({ ...settings, teamId, userId: state.managementKey.ownerUserId });
        return context.json(keyResponse(key, dialect, "with secret"));
    });
    app.on(ROUTES.list.method, ROUTES.list.path, (context) =>
        context.json(listKeys(context, teamFromPath(context, state), state)),
    );
    app.on(ROUTES.updateInTeam.method, ROUTES.updateInTeam.path, (context) => {
        requireRoute(dialect.updateRoute !== "reference", state);
        const teamId = teamFromPath(context, state);
        const { apiKey, fieldMask } = readUpdate(context.get("body"));
        if (apiKey.apiKeyId === undefined) {
            throw new ApiError(400, "apiKey.apiKeyId: is required");
        }
        const key = findKey(apiKey.apiKeyId, state);
        if (key.teamId !== teamId) {
            throw new ApiError(404, MISSING_KEY_MESSAGE);
        }
        return context.json(update(key, apiKey, fieldMask, context, state));
    });
    app.on(ROUTES.models.method, ROUTES.models.path, (context) => {
        teamFromPath(context, state);
        return context.json({ clusterConfigs: catalogue.clusterConfigs() });
    });
    app.on(ROUTES.endpoints.method, ROUTES.endpoints.path, (context) => {
        teamFromPath(context, state);
        return context.json({ acls: catalogue.endpoints() });
    });
}

function addKeyRoutes(app: Hono<RequestEnv>, state: State): void {
    const { dialect, store } = state;
    app.on(ROUTES.updateById.method, ROUTES.updateById.path, (context) => {
        requireRoute(dialect.updateRoute !== "guide", state);
        const { apiKey, fieldMask } = readUpdate(context.get("body"));
        const key = keyFromPath(context, state);
        if (apiKey.apiKeyId !== undefined && apiKey.apiKeyId !== key.apiKeyId) {
            throw new ApiError(400, "apiKey.apiKeyId: is not the key in the path");
        }
        return context.json(update(key, apiKey, fieldMask, context, state));
    });
    app.on(ROUTES.rotate.method, ROUTES.rotate.path, (context) => {
        requireRoute(dialect.rotation, state);
        const { changes, oldSecretExpireTime } = rotationChanges(readRotate(context.get("body")), state);
        const { apiKeyId } = keyFromPath(context, state);
        store.rotate(apiKeyId, oldSecretExpireTime);
        return context.json(keyResponse(store.change(apiKeyId, changes), dialect, "with secret"));
    });
    app.on(ROUTES.delete.method, ROUTES.delete.path, (context) => {
        store.delete(keyFromPath(context, state).apiKeyId);
        return context.json({});
    });
    app.on(ROUTES.propagation.method, ROUTES.propagation.path, (context) => {
        const { apiKeyId } = keyFromPath(context, state);
        return context.json({ icPropagation: store.propagated(apiKeyId, state.clusters, state.propagation) });
    });
    app.on(ROUTES.validation.method, ROUTES.validation.path, (context) => {
        requireRoute(dialect.validation, state);
        return context.json(
            managementKeyResponse(
                { ...state.managementKey, acls: managementAcls(state), ipRanges: state.ipRanges },
                dialect,
            ),
        );
    });
}

function update(
    key: StoredKey,
    given: UpdatedKey,
    fieldMask: string,
    context: Context<RequestEnv>,
    state: State,
): object {
    const changes = withoutIgnored(updateChanges(given, fieldMask, state), context.get("fault")?.ignoresUpdate);
    const changed = Object.keys(changes).length === 0 ? key : state.store.change(key.apiKeyId, changes);
    return keyResponse(changed, state.dialect, "redacted");
}

function withoutIgnored(changes: KeyChanges, ignored: Fault["ignoresUpdate"] = false): KeyChanges {
    const names: readonly string[] = ignored === true ? Object.keys(changes) : ignored === false ? [] : ignored;
    return Object.fromEntries(Object.entries(changes).filter(([name]) => !names.includes(name)));
}

function requireRoute(exists: boolean, { dialect }: State): void {
    if (!exists) {
        throw new ApiError(dialect.missingRoute, MISSING_ROUTE_MESSAGES[dialect.missingRoute]);
    }
}

function redactedKeys({ store }: State): object {
    return { apiKeys: store.list().map(({ apiKey: _apiKey, previousApiKeys: _previous, ...key }) => key) };
}

function homePage({ managementKey }: State): string {
    return `This is an emulator of xAI's Management API, for tests and for trying things out.
It is not xAI: its keys open nothing, and they are lost when it stops.

Its team is ${managementKey.teamId}; requests need its management key.
Its keys, without their secrets: GET /_emulator/keys
`;
}
