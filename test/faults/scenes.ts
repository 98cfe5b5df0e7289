import type { Operation, StoredKey } from "xai-management-emulator";
import { Secret } from "../../sdk/testing/engine/values.js";
import type { KeyProgram } from "../model/inProcessEngine.js";

/** The operations that can be struck, and how a stack is brought to each of them. */
export const SCENES = {
    create: {
        title: "create, default name",
        operation: "createApiKey",
        endpoint: "CreateApiKey",
        says: "Could not create an API key in team {team}",
        writes: true,
    },
    createNamed: {
        title: "create, name given",
        operation: "createApiKey",
        endpoint: "CreateApiKey",
        says: "Could not create an API key in team {team}",
        writes: true,
    },
    list: {
        title: "list, first page",
        operation: "listApiKeys",
        endpoint: "ListApiKeys",
        says: "Could not list the API keys of team {team}",
        writes: false,
    },
    listLater: {
        title: "list, later page",
        operation: "listApiKeys",
        endpoint: "ListApiKeys",
        says: "Could not list the API keys of team {team}",
        writes: false,
        follows: "listApiKeys",
    },
    update: {
        title: "update",
        operation: "updateApiKey",
        endpoint: "UpdateApiKey",
        says: "Could not update qps of API key {id}",
        writes: true,
        field: "qps",
    },
    rotate: {
        title: "rotate",
        operation: "rotateApiKey",
        endpoint: "RotateApiKey",
        says: "Could not give API key {id} a new secret",
        writes: true,
    },
    delete: {
        title: "delete",
        operation: "deleteApiKey",
        endpoint: "DeleteApiKey",
        says: "Could not delete API key {id}",
        writes: true,
    },
    disable: {
        title: "switch off at creation (`disabled: true`)",
        operation: "updateApiKey",
        endpoint: "UpdateApiKey",
        says: "Could not update disabled of API key {id}",
        writes: true,
        field: "disabled",
        follows: "createApiKey",
    },
    disableAtEnd: {
        title: 'switch off in place of a delete (`onDelete: "disable"`)',
        operation: "updateApiKey",
        endpoint: "UpdateApiKey",
        says: "Could not update disabled of API key {id}",
        writes: true,
        field: "disabled",
    },
    adoptList: {
        title: "adopt, listing",
        operation: "listApiKeys",
        endpoint: "ListApiKeys",
        says: "Could not list the API keys of team {team}",
        writes: false,
        announces:
            "API key {id} of team {team} is taken over with the secret that `existingSecret` gives. Its settings are the program's already.",
    },
    adoptRotate: {
        title: "adopt, new secret",
        operation: "rotateApiKey",
        endpoint: "RotateApiKey",
        says: "Could not give API key {id} a new secret",
        writes: true,
        follows: "listApiKeys",
        announces:
            "API key {id} of team {team} is taken over with a new secret; the one that it has goes on working for 24 hours. Its settings are the program's already.",
    },
    adoptUpdate: {
        title: "adopt, settings",
        operation: "updateApiKey",
        endpoint: "UpdateApiKey",
        says: "Could not update qps of API key {id}",
        writes: true,
        field: "qps",
        follows: "listApiKeys",
        announces:
            "API key {id} of team {team} is taken over with the secret that `existingSecret` gives. Its settings become the program's: `qps`.",
    },
    propagation: {
        title: "propagation",
        operation: "checkApiKeyPropagation",
        endpoint: "CheckApiKeyPropagation",
        says: "Could not check the propagation of API key {id}",
        writes: false,
        follows: "createApiKey",
    },
    models: {
        title: "models",
        operation: "listModels",
        endpoint: "ListModels",
        says: "Could not list the {lists} of team {team}",
        writes: false,
    },
    endpoints: {
        title: "endpoints",
        operation: "listEndpoints",
        endpoint: "ListPossibleEndpointAcls",
        says: "Could not list the {lists} of team {team}",
        writes: false,
    },
    validation: {
        title: "validation",
        operation: "validateManagementKey",
        endpoint: "ValidateManagementKey",
        says: "Could not ask whose the management key is",
        writes: false,
    },
} as const satisfies Record<string, Scene>;

/** An operation that can be struck. */
export interface Scene {
    readonly title: string;
    readonly operation: Operation;
    /** As permissions of management keys name it. */
    readonly endpoint: string;
    /** With what every message of a request that failed begins. */
    readonly says: string;
    readonly writes: boolean;
    /** What an update changes. */
    readonly field?: string;
    /** The warning that says beforehand what will be done, once the key is found. */
    readonly announces?: string;
    /** What is asked just before, in the same run: the connection worked then. Absent where this may be what is asked first. */
    readonly follows?: Operation;
}

export type SceneName = keyof typeof SCENES;

const key = (name: string, args: KeyProgram["args"] = {}): KeyProgram => ({
    name,
    args: {
        acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
        qps: 1,
        propagationTimeout: PROPAGATION_TIMEOUT,
        ...args,
    },
});

/** How long a create waits for propagation in these tests. */
export const PROPAGATION_TIMEOUT = "5s";

/** A key that someone made before Pulumi came, with the settings of {@link key} under another name. */
const THERE = {
    apiKeyId: "b1946ac9-2a8f-4c0e-9d1b-5f0c1f7f3c11",
    apiKey: `xai-${"made0by0hand".repeat(6)}aB3dE6gH`,
    name: "by hand",
    acls: ["api-key:model:grok-4", "api-key:endpoint:chat"],
    qps: 1,
} satisfies Partial<StoredKey>;

/** A program's key that takes that one over. */
const adopting = (args: KeyProgram["args"]) => key("a", { name: THERE.name, adoptKeyId: THERE.apiKeyId, ...args });
const existingSecret = new Secret(THERE.apiKey);

/** What is there before, what the program says when the trouble strikes, and what is run then. */
export interface Script {
    readonly before: readonly KeyProgram[];
    /** A key that is on the server, made by someone else after those, and in no state. */
    readonly there?: Partial<StoredKey> & Pick<StoredKey, "apiKeyId">;
    readonly program: readonly KeyProgram[];
    readonly run: "up" | "refresh" | "preview";
    /** How many requests of the operation pass first. */
    readonly after: number;
    /** What an update has to do as long as it is not done. */
    readonly change: "create" | "update" | "delete" | undefined;
}

/** Keys that need two pages of two. */
const THREE = [key("a"), key("b"), key("c")];

/** The script of a scene. */
export function scriptOf(scene: SceneName): Script {
    const creating = { before: [], program: [key("a")], run: "up", after: 0, change: "create" } as const;
    switch (scene) {
        case "create":
        case "propagation":
        case "validation":
            return creating;
        case "createNamed":
            return { ...creating, program: [key("a", { name: "given" })] };
        case "list":
            return { before: THREE, program: THREE, run: "refresh", after: 0, change: undefined };
        case "listLater":
            return { before: THREE, program: THREE, run: "refresh", after: 1, change: undefined };
        case "update":
            return { before: [key("a")], program: [key("a", { qps: 2 })], run: "up", after: 0, change: "update" };
        case "rotate": {
            const release = (version: number) => key("a", { rotation: { triggers: { version } } });
            return { before: [release(1)], program: [release(2)], run: "up", after: 0, change: "update" };
        }
        case "delete":
            // What is left has the next update ask the API where that one asks: without it the state would say where.
            return { before: [key("a"), key("b")], program: [key("b")], run: "up", after: 0, change: "delete" };
        case "disable":
            return { ...creating, program: [key("a", { disabled: true })] };
        case "disableAtEnd":
            return {
                before: [key("a", { onDelete: "disable" }), key("b")],
                program: [key("b")],
                run: "up",
                after: 0,
                change: "delete",
            };
        case "adoptList": {
            // On the second of two pages.
            const others = [key("b"), key("c")];
            return { ...creating, before: others, there: THERE, program: [adopting({ existingSecret }), ...others] };
        }
        case "adoptRotate":
            return { ...creating, there: THERE, program: [adopting({})] };
        case "adoptUpdate":
            return { ...creating, there: THERE, program: [adopting({ qps: 2, existingSecret })] };
        case "models":
        case "endpoints":
            return { ...creating, run: "preview" };
    }
}
