import { expect } from "vitest";
import type { Emulator, StoredKey } from "xai-management-emulator";
import { type Diffed, type DynamicHost, type HostFailure, PROVIDER_TEXT, type Properties } from "./dynamicHost.js";

/** The order in which Pulumi's engine calls a provider, for a stack of one key, and what it keeps in between. */

/** A key as the stack's state holds it. */
export interface Resource {
    id: string;
    inputs: Properties;
    outputs: Properties;
}

export const ACLS = ["api-key:model:grok-3", "api-key:endpoint:chat"];
export const ARGS: Properties = { name: "search", acls: ACLS };

/** Every output of a key with {@link ARGS} in the emulator's own team. */
export function outputsOf(emulator: Emulator, key: StoredKey): Properties {
    return {
        __provider: PROVIDER_TEXT,
        apiKeyId: key.apiKeyId,
        apiKey: key.apiKey,
        redactedApiKey: `xai-...${key.apiKey.slice(-4)}`,
        userId: key.userId,
        teamId: emulator.teamId,
        createTime: key.createTime,
        name: "search",
        acls: ACLS,
        disabled: false,
    };
}

/** `pulumi up` of a key that is not there yet. */
export async function create(host: DynamicHost, args: Properties = ARGS): Promise<Resource> {
    const { inputs, failures } = await host.check({}, args);
    expect(failures).toEqual([]);
    return { inputs, ...(await host.create(inputs)) };
}

/** What a preview or an `up` finds out about a key that is there: the checked inputs, and what differs. */
export async function plan(
    host: DynamicHost,
    resource: Resource,
    args: Properties,
): Promise<Diffed & { inputs: Properties }> {
    const { inputs, failures } = await host.check(resource.inputs, args);
    expect(failures).toEqual([]);
    return { inputs, ...(await host.diff(resource.id, resource.outputs, inputs)) };
}

/** `pulumi up` of a key that is there and is changed in place. */
export async function update(host: DynamicHost, resource: Resource, args: Properties): Promise<Resource> {
    const { inputs, changes, replaces } = await plan(host, resource, args);
    expect({ changes, replaces }).toEqual({ changes: true, replaces: [] });
    return { id: resource.id, inputs, outputs: await host.update(resource.id, resource.outputs, inputs) };
}

/** `pulumi refresh`: read, then the diff upside down. What differs is what the engine shows as drift. */
export async function refresh(
    host: DynamicHost,
    resource: Resource,
): Promise<{ resource: Resource | undefined; drift: boolean }> {
    const read = await host.read(resource.id, resource.outputs, resource.inputs);
    if (read.id === "") {
        return { resource: undefined, drift: true };
    }
    const { changes } = await host.diff(read.id, read.outputs, resource.inputs);
    const { id, outputs } = read;
    return { resource: { id, outputs, inputs: read.inputs ?? resource.inputs }, drift: changes };
}

/** The failure that a call must end with. */
export async function failureOf(call: Promise<unknown>): Promise<HostFailure> {
    const failure = await call.then(
        () => undefined,
        (error: HostFailure) => error,
    );
    if (failure === undefined) {
        throw new Error("The call succeeded.");
    }
    return failure;
}

/** The one key that the API holds. */
export function only<T>(items: readonly T[]): T {
    const [item] = items;
    if (item === undefined || items.length !== 1) {
        throw new Error(`There are ${items.length} items where one was expected.`);
    }
    return item;
}
