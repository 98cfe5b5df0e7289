import type { Emulator, StoredKey } from "xai-management-emulator";

/** Plain HTTP requests to an emulator: its tests do not depend on the provider. */

export interface Answer {
    status: number;
    headers: Headers;
    text: string;
    /** The parsed body; undefined if it is not JSON. */
    json: unknown;
}

/** Sends a request with the management key; a body that is not a string is sent as JSON. */
export async function send(emulator: Emulator, request: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const [method = "", path = ""] = request.split(" ");
    const response = await fetch(emulator.url + path, {
        method,
        redirect: "manual",
        headers: { authorization: `Bearer ${emulator.managementKey}` },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** The path of a team's keys. */
export function keysOf(emulator: Emulator, teamId = emulator.teamId): string {
    return `/auth/teams/${teamId}/api-keys`;
}

/** Creates a key over HTTP and returns it as the server holds it. */
export async function create(emulator: Emulator, settings: object = {}): Promise<StoredKey> {
    const body = { name: "a key", acls: ["api-key:model:*", "api-key:endpoint:*"], ...settings };
    const answer = await send(emulator, `POST ${keysOf(emulator)}`, body);
    const key = emulator.keys().at(-1);
    if (answer.status !== 200 || key === undefined) {
        throw new Error(`create: ${answer.status} ${answer.text}`);
    }
    return key;
}

/** Updates a key over the reference's route. */
export function update(emulator: Emulator, key: StoredKey, apiKey: object, fieldMask: string): Promise<Answer> {
    return send(emulator, `PUT /auth/api-keys/${key.apiKeyId}`, { apiKey, fieldMask });
}

/** Updates a key over the guide's route. */
export function updateInTeam(emulator: Emulator, key: StoredKey, apiKey: object, fieldMask: string): Promise<Answer> {
    const body = { apiKey: { apiKeyId: key.apiKeyId, ...apiKey }, fieldMask };
    return send(emulator, `PUT ${keysOf(emulator)}`, body);
}

/** A page of the team's listing. */
export async function listed(
    emulator: Emulator,
    query = "",
): Promise<{ keys: { apiKeyId: string; name: string; [field: string]: unknown }[]; token: string | undefined }> {
    const { text } = await send(emulator, `GET ${keysOf(emulator)}${query === "" ? "" : `?${query}`}`);
    const page: { apiKeys: { apiKeyId: string; name: string }[]; paginationToken?: string } = JSON.parse(text);
    return { keys: page.apiKeys, token: page.paginationToken };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
