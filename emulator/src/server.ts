// A web framework that brings no dependencies of its own to our users; @hono/node-server, its adapter, brings none either.
import { type Context, Hono } from "hono";
import { authorizing, findKey, keyIn, managementAcls, teamIn } from "./access.js";
import { keyAnswer, managementKeyAnswer } from "./answers.js";
import { readCreate, readRotate, readUpdate, type UpdatedKey } from "./bodies.js";
import { listKeys } from "./listing.js";
import { ROUTES } from "./operations.js";
import { Refusal } from "./refusal.js";
import { created, rotated, updated } from "./settings.js";
import type { StoredKey } from "./store.js";
import { answerError, failing, latency, limiting, recording } from "./trouble.js";
import type { Env, World } from "./world.js";

/** The emulator's server: two pages for people, and the Management API for everyone else. */
export function createServerApp(world: World): Hono<Env> {
    const app = new Hono<Env>();
    app.get("/", (context) => context.text(welcome(world)));
    app.get("/_emulator/keys", (context) => context.json(keysWithoutSecrets(world)));
    app.use(recording(world), latency(world), limiting(world), failing(world), authorizing(world));
    addTeamRoutes(app, world);
    addKeyRoutes(app, world);
    app.notFound((context) =>
        answerError(context, world, 404, `there is no ${context.req.method} ${context.req.path}`),
    );
    app.onError((error, context) =>
        error instanceof Refusal
            ? answerError(context, world, error.status, error.message, error.headers)
            : answerError(context, world, 500, `the emulator failed: ${error.message}`),
    );
    return app;
}

function addTeamRoutes(app: Hono<Env>, world: World): void {
    const { dialect, store, catalogue } = world;
    app.on(ROUTES.create.method, ROUTES.create.path, (context) => {
        const teamId = teamIn(context, world);
        const settings = created(readCreate(context.get("body")), world);
        const key = store.add({ ...settings, teamId, userId: world.managementKey.ownerUserId });
        return context.json(keyAnswer(key, dialect, "with secret"));
    });
    app.on(ROUTES.list.method, ROUTES.list.path, (context) =>
        context.json(listKeys(context, teamIn(context, world), world)),
    );
    app.on(ROUTES.updateInTeam.method, ROUTES.updateInTeam.path, (context) => {
        mustHave(dialect.updateRoute !== "reference", world);
        const teamId = teamIn(context, world);
        const { apiKey, fieldMask } = readUpdate(context.get("body"));
        if (apiKey.apiKeyId === undefined) {
            throw new Refusal(400, "apiKey.apiKeyId: must say which key to update");
        }
        const key = findKey(apiKey.apiKeyId, world);
        if (key.teamId !== teamId) {
            throw new Refusal(404, `there is no API key ${key.apiKeyId} in this team`);
        }
        return context.json(update(key, apiKey, fieldMask, context, world));
    });
    app.on(ROUTES.models.method, ROUTES.models.path, (context) => {
        teamIn(context, world);
        return context.json({ clusterConfigs: catalogue.clusterConfigs() });
    });
    app.on(ROUTES.endpoints.method, ROUTES.endpoints.path, (context) => {
        teamIn(context, world);
        return context.json({ acls: catalogue.endpoints() });
    });
}

function addKeyRoutes(app: Hono<Env>, world: World): void {
    const { dialect, store } = world;
    app.on(ROUTES.updateById.method, ROUTES.updateById.path, (context) => {
        mustHave(dialect.updateRoute !== "guide", world);
        const { apiKey, fieldMask } = readUpdate(context.get("body"));
        const key = keyIn(context, world);
        if (apiKey.apiKeyId !== undefined && apiKey.apiKeyId !== key.apiKeyId) {
            throw new Refusal(400, "apiKey.apiKeyId: is not the key in the path");
        }
        return context.json(update(key, apiKey, fieldMask, context, world));
    });
    app.on(ROUTES.rotate.method, ROUTES.rotate.path, (context) => {
        mustHave(dialect.rotation, world);
        const { changes, oldSecretExpireTime } = rotated(readRotate(context.get("body")), world);
        const { apiKeyId } = keyIn(context, world);
        store.rotate(apiKeyId, oldSecretExpireTime);
        return context.json(keyAnswer(store.change(apiKeyId, changes), dialect, "with secret"));
    });
    app.on(ROUTES.delete.method, ROUTES.delete.path, (context) => {
        store.delete(keyIn(context, world).apiKeyId);
        return context.json({});
    });
    app.on(ROUTES.propagation.method, ROUTES.propagation.path, (context) => {
        const { apiKeyId } = keyIn(context, world);
        return context.json({ icPropagation: store.propagated(apiKeyId, world.clusters, world.propagation) });
    });
    app.on(ROUTES.validation.method, ROUTES.validation.path, (context) => {
        mustHave(dialect.validation, world);
        return context.json(managementKeyAnswer({ ...world.managementKey, acls: managementAcls(world) }, dialect));
    });
}

function update(key: StoredKey, given: UpdatedKey, fieldMask: string, context: Context<Env>, world: World): object {
    const changes = updated(given, fieldMask, world);
    const nothing = Object.keys(changes).length === 0 || context.get("fault")?.ignoresUpdate === true;
    const changed = nothing ? key : world.store.change(key.apiKeyId, changes);
    return keyAnswer(changed, world.dialect, "redacted");
}

function mustHave(has: boolean, { dialect }: World): void {
    if (!has) {
        throw new Refusal(dialect.missingRoute, "this server has no such route");
    }
}

function keysWithoutSecrets({ store }: World): object {
    return { apiKeys: store.list().map(({ apiKey: _apiKey, previousApiKeys: _previous, ...key }) => key) };
}

function welcome({ managementKey }: World): string {
    return `This is pulumi-xai's emulator of xAI's Management API, for tests and for trying things out.
It is not xAI: its keys open nothing, and they are gone when it stops.

Its team is ${managementKey.teamId}; requests need its management key.
Its keys, without their secrets: GET /_emulator/keys
`;
}
