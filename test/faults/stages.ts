import type { Emulator, Operation } from "xai-management-emulator";
import type { GivenMap, ModelOperation } from "../model/modelStack.js";

/** One stage of a key's life: a request that can fail. */
export interface Stage {
    readonly title: string;
    /** The operations that fail. */
    readonly fails: readonly Operation[];
    /** The program that stood before; absent for a new key. */
    readonly before?: GivenMap;
    /** What somebody else does then. @returns more arguments of the program */
    readonly meanwhile?: (emulator: Emulator) => GivenMap;
    readonly run: ModelOperation;
    /** The program that runs. */
    readonly args: GivenMap;
    /** What a message of a failure says that was to be done. */
    readonly action: RegExp;
}

const ARGS = { acls: ["api-key:model:grok-3", "api-key:endpoint:chat"], qps: 5, waitForPropagation: false };
const deleted = (emulator: Emulator): GivenMap => {
    for (const { apiKeyId } of emulator.keys()) {
        emulator.deleteKey(apiKeyId);
    }
    return {};
};
const foreign = (emulator: Emulator): GivenMap => ({ adoptKeyId: emulator.addKey({ name: "theirs" }).apiKeyId });
const rotated = (trigger: string): GivenMap => ({ ...ARGS, rotation: { triggers: { trigger } } });

/** Every stage, in the order of a key's life. */
export const STAGES = {
    check: {
        title: "check",
        fails: ["listModels", "listEndpoints"],
        run: "up",
        args: ARGS,
        action: /list the (models|endpoints)|names no model/,
    },
    listing: {
        title: "create's listing",
        fails: ["listApiKeys"],
        run: "up",
        args: ARGS,
        action: /list the API keys/,
    },
    create: { title: "create's POST", fails: ["createApiKey"], run: "up", args: ARGS, action: /create API key/ },
    wait: {
        title: "create's wait",
        fails: ["checkApiKeyPropagation"],
        run: "up",
        args: { ...ARGS, waitForPropagation: true },
        action: /check the propagation|not known everywhere/,
    },
    update: {
        title: "update's PUT",
        fails: ["updateApiKey"],
        before: ARGS,
        run: "up",
        args: { ...ARGS, qps: 6 },
        action: /update (of|qps of) API key/,
    },
    rotate: {
        title: "rotate's POST",
        fails: ["rotateApiKey"],
        before: rotated("1"),
        run: "up",
        args: rotated("2"),
        action: /rotate the secret|a new secret/,
    },
    delete: {
        title: "delete's DELETE",
        fails: ["deleteApiKey"],
        before: ARGS,
        run: "destroy",
        args: ARGS,
        action: /delete API key/,
    },
    deleteProof: {
        title: "delete's proof",
        fails: ["checkApiKeyPropagation"],
        before: ARGS,
        meanwhile: deleted,
        run: "destroy",
        args: ARGS,
        action: /delete API key/,
    },
    refresh: {
        title: "refresh's listing",
        fails: ["listApiKeys"],
        before: ARGS,
        run: "refresh",
        args: ARGS,
        action: /list the API keys/,
    },
    refreshProof: {
        title: "refresh's proof",
        fails: ["checkApiKeyPropagation"],
        before: ARGS,
        meanwhile: deleted,
        run: "refresh",
        args: ARGS,
        action: /check the propagation/,
    },
    adoptListing: {
        title: "adoption's listing",
        fails: ["listApiKeys"],
        meanwhile: foreign,
        run: "up",
        args: ARGS,
        action: /list the API keys|cannot be adopted/,
    },
    adoptRotate: {
        title: "adoption's POST",
        fails: ["rotateApiKey"],
        meanwhile: foreign,
        run: "up",
        args: ARGS,
        action: /rotate the secret|a new secret|adopt/,
    },
} as const satisfies Record<string, Stage>;

/** A stage, by its name in {@link STAGES}. */
export type StageName = keyof typeof STAGES;
