import type { Fault, Operation } from "xai-management-emulator";

/** How often a fault strikes. */
export type Frequency = "once" | "always";

/** What a kind of fault injects into a request of an operation, in each of its forms; `undefined` where it cannot happen. */
type Faults = (operation: Operation, apiKeyId: string) => readonly Fault[] | undefined;

/** A kind of fault. */
export interface Kind {
    readonly title: string;
    /** Nothing listens at the base URL, during the whole operation. Then `faults` is not used. */
    readonly isUnreachable?: true;
    readonly faults: Faults;
    /** What no message may conclude from it. */
    readonly excludes?: RegExp;
    /** The limit of a request, where the fault is to meet it. */
    readonly requestTimeout?: Readonly<Record<Frequency, string>>;
}

const json = (message: string) => JSON.stringify({ code: 5, message, details: [] });
const always =
    (...faults: readonly Fault[]): Faults =>
    () =>
        faults;
/** Lets retries begin at once. */
const AT_ONCE = { headers: { "retry-after": "0" } };

/** Successes that do not hold what the request was about. Creates hold an id that no test can foresee. */
const WITHOUT_RESULT: Partial<Record<Operation, (apiKeyId: string) => Fault>> = {
    listModels: () => ({ body: '{"clusterConfigs":[]}' }),
    listEndpoints: () => ({ body: '{"acls":[]}' }),
    listApiKeys: () => ({ body: '{"apiKeys":[]}' }),
    checkApiKeyPropagation: () => ({ body: '{"icPropagation":{"us-east-1":false}}' }),
    updateApiKey: () => ({ ignoresUpdate: true }),
    rotateApiKey: (apiKeyId) => ({ body: JSON.stringify({ apiKeyId }), acts: true }),
    deleteApiKey: () => ({ body: "{}" }),
};

/** Every kind of fault. */
export const KINDS = {
    unreachable: { title: "The API cannot be reached", isUnreachable: true, faults: () => [] },
    cutBefore: { title: "The connection breaks before the API acts", faults: always({ cut: "before" }) },
    cutAfter: { title: "The API acts, and the connection breaks before its answer", faults: always({ cut: "after" }) },
    silent: {
        title: "The API acts, and does not answer in time",
        faults: always({ stall: "after headers" }),
        // Other requests have to be in time on a busy machine. A fault that strikes once costs one such limit.
        requestTimeout: { once: "5s", always: "3s" },
    },
    unauthorized: { title: "401: the management key is refused", faults: always({ status: 401 }) },
    forbidden: { title: "403: a permission is missing", faults: always({ status: 403 }) },
    notFound: {
        title: '404: a gateway\'s "Not Found" or HTML page',
        faults: always(
            { status: 404, body: json("Not Found") },
            { status: 404, body: "<html><title>404 Not Found</title></html>", contentType: "text/html" },
        ),
    },
    noSuchKey: {
        title: "404: the API says that it knows no such key",
        faults: always({ status: 404, body: json("Cannot find API key") }),
        excludes: /this server/i,
    },
    refused: { title: "400: the API refuses the request", faults: always({ status: 400 }) },
    tooMany: { title: "429: too many requests", faults: always({ status: 429, ...AT_ONCE }) },
    broken: { title: "500: the API fails", faults: always({ status: 500, ...AT_ONCE }) },
    page: {
        title: "200 with an HTML page, such as a gateway's sign-in",
        faults: always({ body: "<!DOCTYPE html><title>Sign in</title>", contentType: "text/html" }),
    },
    shape: {
        title: "200 with JSON of another shape, after the API has acted",
        faults: always({ body: '{"unexpected":true}', acts: true }),
    },
    withoutResult: {
        title: "200 without the result: an empty list, no change, no secret",
        faults: (operation, apiKeyId) => {
            const fault = WITHOUT_RESULT[operation]?.(apiKeyId);
            return fault && [fault];
        },
    },
} as const satisfies Record<string, Kind>;

/** A kind of fault, by its name in {@link KINDS}. */
export type KindName = keyof typeof KINDS;
