/**
 * The permissions of an API key, as the strings that the Management API takes. A key needs at least one for a model and one
 * for an endpoint: without both it can call nothing.
 *
 * @example
 * acls: [acl.model("grok-4"), acl.endpoint("chat")]
 */

/** The permission to use every model of the team: `api-key:model:*`. */
export const allModels = "api-key:model:*";

/** The permission to call every endpoint: `api-key:endpoint:*`. */
export const allEndpoints = "api-key:endpoint:*";

/**
 * The permission to use one model.
 *
 * @param name - A model's name or alias, as {@link getModels} lists them, for example `grok-4`.
 * @returns For example `api-key:model:grok-4`.
 */
export function model(name: string): string {
    return `api-key:model:${name}`;
}

/**
 * The permission to call one endpoint.
 *
 * @param name - An endpoint's name, as {@link getEndpoints} lists them, for example `chat` (chat and vision), `embed` or
 * `image`.
 * @returns For example `api-key:endpoint:chat`.
 */
export function endpoint(name: string): string {
    return `api-key:endpoint:${name}`;
}
