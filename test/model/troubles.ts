import fc from "fast-check";
import type { Fault } from "xai-management-emulator";

const OPERATIONS = [
    "createApiKey",
    "listApiKeys",
    "updateApiKey",
    "rotateApiKey",
    "deleteApiKey",
    "checkApiKeyPropagation",
    "listModels",
    "listEndpoints",
    "validateManagementKey",
] as const;
const REFUSALS = [302, 307, 400, 401, 403, 404, 405, 409, 412, 422, 429, 501] as const;
/** Answers that leave open whether the server has acted. */
const UNCLEAR = [206, 408, 500, 502, 503, 504, 520] as const;

const struck = {
    operation: fc.constantFrom(
        ...OPERATIONS,
        ...(["createApiKey", "createApiKey", "updateApiKey", "deleteApiKey", "listApiKeys"] as const),
    ),
    after: fc.constantFrom(0, 0, 0, 0, 1),
    times: fc.constantFrom(1, 1, 1, 2, 5),
};
const acts = fc.boolean();
const headers = fc.constantFrom({ "retry-after": "0" }, { "retry-after": "soon" }, { location: "http://127.0.0.1:1/" });
const onList = { operation: fc.constant("listApiKeys" as const), after: struck.after, times: fc.constant(1) };

/** Whatever the server does, what it says of it can be true: nobody can do anything about a server that lies well. */
export const fault: fc.Arbitrary<Fault> = fc.oneof(
    {
        weight: 4,
        arbitrary: fc.record({
            ...struck,
            cut: fc.constantFrom(
                ...(["before", "after", "in headers", "after headers", "in body", "in chunked body"] as const),
            ),
        }),
    },
    { weight: 3, arbitrary: fc.record({ ...struck, status: fc.constantFrom(...REFUSALS), headers }) },
    { weight: 3, arbitrary: fc.record({ ...struck, status: fc.constantFrom(...UNCLEAR), acts, headers }) },
    // Done, and answered with another success.
    {
        weight: 1,
        arbitrary: fc.record({ ...struck, status: fc.constantFrom(201, 202, 203, 204), acts: fc.constant(true) }),
    },
    // What is no answer of the API.
    {
        weight: 2,
        arbitrary: fc.record({
            ...struck,
            status: fc.constant(200),
            body: fc.constantFrom("<html>hi", '{"a', "[1]", ""),
            acts,
        }),
    },
    { weight: 1, arbitrary: fc.record({ ...struck, delayMs: fc.integer({ min: 5, max: 30 }) }) },
    // An answer that trickles, and one that never ends.
    { weight: 1, arbitrary: fc.record({ ...struck, stall: fc.constant({ byteEveryMs: 1 }) }) },
    {
        weight: 1,
        arbitrary: fc.record({ ...struck, times: fc.constant(1), stall: fc.constant("after headers" as const) }),
    },
    {
        weight: 1,
        arbitrary: fc.record({
            ...struck,
            operation: fc.constant("updateApiKey" as const),
            ignoresUpdate: fc.constant(true),
        }),
    },
    // A listing that is not complete, said and unsaid.
    { weight: 1, arbitrary: fc.record({ ...onList, status: fc.constant(200), body: fc.constant("{}") }) },
    {
        weight: 2,
        arbitrary: fc.record({
            ...onList,
            page: fc.constantFrom("skips a key" as const, "repeats its token" as const, "ends early" as const),
        }),
    },
);

/**
 * A listing that lacks a key says nothing alone, but nobody can see through two lies that agree: two such listings, or one and
 * a 404 for a key that is there.
 */
export function isBearable(faults: readonly Fault[]): boolean {
    const incomplete = faults.filter(
        ({ body, page }) => body === "{}" || page === "skips a key" || page === "ends early",
    ).length;
    const denies = faults.some(({ operation, status }) => operation === "deleteApiKey" && status === 404);
    return incomplete === 0 || (incomplete === 1 && !denies);
}
