import type { Fault } from "xai-management-emulator";
import type { Outage } from "./front.js";

/**
 * Everything that can go wrong between this provider and the API: what is said of it, and how the emulator does it.
 */

/** What the provider makes of a trouble. All of one kind are treated alike, but for the exceptions in `table.ts`. */
export type Kind =
    | "no connection"
    | "no TLS"
    | "lost answer"
    | "unreadable answer"
    | "redirect"
    | "refusal"
    | "wrong management key"
    | "not permitted"
    | "not found"
    | "no such method"
    | "too fast"
    | "server in trouble"
    | "another success"
    | "success without a body"
    | "incomplete page"
    | "ignored update";

/** One thing that goes wrong. */
export interface Trouble {
    readonly name: string;
    readonly kind: Kind;
    /**
     * Whether the server carries out what it is asked. `"either"`: each way is a case of its own where something is
     * written.
     */
    readonly acts: boolean | "either";
    /** What is said of it. Words in braces stand for what differs from case to case. */
    readonly what: string;
    /** What is said to do about it. */
    readonly hint: string;
    /** How the emulator does it. */
    readonly fault?: Fault;
    /** For what no emulator can do: where requests go instead, and what befalls a run that had begun. */
    readonly connection?: { readonly baseUrl: (emulatorUrl: string) => string; readonly outage: Outage };
    /** The limit of an attempt in the test, in milliseconds: short for answers that do not come to an end. */
    readonly requestTimeout?: number;
    /** By how many hours the server's clock and this machine's differ. */
    readonly clockHours?: number;
    /** Whether the pause that the server asks for is longer than a call may take. */
    readonly outlasts?: boolean;
}

const ELSEWHERE = "that {url} is the Management API (setting `xai:baseUrl`, variable XAI_MANAGEMENT_BASE_URL).";
const MANAGEMENT_KEYS = "xAI Console -> Settings -> Management Keys";

const ofStatus = (status: number) => `the API answered ${status}: injected fault ${status}`;

const CONNECTION: Trouble[] = [
    {
        name: "connection refused",
        kind: "no connection",
        acts: false,
        what: "the connection to {url} failed (ECONNREFUSED)",
        hint: `Check the network and ${ELSEWHERE}`,
        connection: { baseUrl: () => "http://127.0.0.1:1", outage: "refused" },
    },
    {
        name: "DNS failure",
        kind: "no connection",
        acts: false,
        what: "the name {host} could not be resolved ({code})",
        hint: `Check the network and its DNS, and ${ELSEWHERE}`,
        connection: { baseUrl: () => "https://management-api.x.ai.invalid", outage: "no name" },
    },
    {
        name: "TLS failure",
        kind: "no TLS",
        acts: false,
        what: "no TLS connection to {host} came about ({code})",
        hint: `The server, or a proxy between, does not speak TLS as it should: check \`http\` or \`https\`, the port, and ${ELSEWHERE}`,
        connection: { baseUrl: (url) => url.replace("http:", "https:"), outage: "no TLS" },
    },
];

const BROKEN: Trouble[] = (
    [
        ["reset before the server acts", { cut: "before" }, false],
        ["reset after it acted, before the answer", { cut: "after" }, true],
        ["reset in the middle of the headers", { cut: "in headers" }, true],
        ["reset after the headers", { cut: "after headers" }, true],
        ["truncated, shorter than announced", { cut: "in body" }, true],
        ["truncated between two chunks", { cut: "in chunked body" }, true],
    ] as const
).map(([name, fault, acts]) => ({
    name,
    kind: "lost answer",
    acts,
    fault,
    what: "the connection to {url} broke off before the answer was complete ({code})",
    hint: `Check the network and ${ELSEWHERE}`,
}));

/** How long an attempt may take in these tests where the answer does not come to an end, in milliseconds. */
const SHORT = 1500;

const ENDLESS: Trouble[] = (
    [
        ["never ends: nothing after the headers", { stall: "after headers" }, true],
        ["never ends, and the server does not act", { stall: "after headers", status: 200, body: "{}" }, false],
        ["trickles", { stall: { byteEveryMs: 2 * SHORT } }, true],
        ["acts once nobody waits any more", { delayMs: 2 * SHORT }, true],
    ] as const
).map(([name, fault, acts]) => ({
    name,
    kind: "lost answer",
    acts,
    fault,
    what: "no complete answer within {time}",
    hint: "The limits are `xai:requestTimeout` ({time} an attempt) and `xai:operationTimeout` ({time} over all{here}).",
    requestTimeout: SHORT,
}));

const UNREADABLE: Trouble[] = (
    [
        ["empty", { body: "" }, "the answer had an unexpected shape at its top level"],
        ["HTML", { body: "<!DOCTYPE html><title>Sign in</title>" }, 'the answer was an HTML page, "Sign in"'],
        ["JSON that is cut off", { body: '{"apiKeyId":"' }, "the answer was no JSON"],
        [
            "valid JSON of the wrong shape",
            { body: '{"unexpected":true}' },
            "the answer had an unexpected shape at {place}",
        ],
        ["100 MB", { body: "{}", padding: 100 * 1024 * 1024 }, "the answer has more than 32 MiB"],
        ["206 Partial Content", { status: 206 }, "the API answered 206, which leaves open whether it is done"],
    ] as const
).map(([name, fault, what]) => ({
    name,
    kind: "unreadable answer",
    acts: "either",
    fault,
    what,
    hint: `Check ${ELSEWHERE}`,
}));

const REDIRECTS: Trouble[] = [301, 302, 307, 308].map((status) => ({
    name: `${status}`,
    kind: "redirect",
    acts: false,
    fault: { status, headers: { location: "http://127.0.0.1:1/elsewhere" } },
    what: `${ofStatus(status)}, a redirect, which is never followed with a credential`,
    hint: `Check ${ELSEWHERE}`,
}));

const REFUSALS: Trouble[] = [
    ...[400, 422].map((status) => ({ status, hint: "Correct what the API refuses and run again." })),
    ...[409, 412].map((status) => ({
        status,
        hint: "Its state does not allow that now, or something else changed it at the same time: run `pulumi refresh`, then run again.",
    })),
].map(({ status, hint }) => ({
    name: `${status}`,
    kind: "refusal",
    acts: false,
    fault: { status },
    what: ofStatus(status),
    hint,
}));

const DENIALS: Trouble[] = [
    {
        name: "401",
        kind: "wrong management key",
        acts: false,
        fault: { status: 401 },
        what: ofStatus(401),
        hint: `Check the management key (\`pulumi config set --secret xai:managementKey\`, or XAI_MANAGEMENT_KEY). It comes from ${MANAGEMENT_KEYS}; an inference API key does not work here.`,
    },
    {
        name: "403",
        kind: "not permitted",
        acts: false,
        fault: { status: 403 },
        what: ofStatus(403),
        hint: `The management key may not do this: give it the permission \`team-token:endpoint:{endpoint}\` for this team in ${MANAGEMENT_KEYS}, and check the team's ID.`,
    },
    {
        name: "404",
        kind: "not found",
        acts: false,
        fault: { status: 404 },
        what: ofStatus(404),
        hint: `It does not exist there. Check ${ELSEWHERE}`,
    },
    ...[405, 501].map(
        (status): Trouble => ({
            name: `${status}`,
            kind: "no such method",
            acts: false,
            fault: { status },
            what: ofStatus(status),
            hint: `This server does not offer the operation. Check ${ELSEWHERE}`,
        }),
    ),
];

const RATE: Trouble[] = (
    [
        ["429, `Retry-After` in seconds", "1"],
        ["429, `Retry-After` as a date", 0],
        ["429, the same with clocks 5 hours apart", 5],
        ["429, the same with clocks -5 hours apart", -5],
        ["429, `Retry-After` absurdly far", "999999999"],
        ["429, `Retry-After` malformed", "soon"],
        ["429, no `Retry-After`", undefined],
    ] as const
).map(([name, retryAfter]) => ({
    name,
    kind: "too fast",
    acts: false,
    fault: {
        status: 429,
        ...(retryAfter === undefined
            ? {}
            : { headers: { "retry-after": typeof retryAfter === "string" ? retryAfter : "" } }),
    },
    what: ofStatus(429),
    hint: "The rate limit held out over all retries: lower `xai:maxConcurrency`, or raise `xai:maxRetries` and `xai:operationTimeout`.",
    ...(typeof retryAfter === "number" ? { clockHours: retryAfter } : {}),
    ...(retryAfter === "999999999" ? { outlasts: true } : {}),
}));

const TROUBLED: Trouble[] = [408, 500, 502, 503, 504, 520].map((status) => ({
    name: `${status}`,
    kind: "server in trouble",
    acts: "either",
    fault: { status },
    what: ofStatus(status),
    hint: "This is a fault on the server's side: try again in a while.",
}));

const SUCCESSES: Trouble[] = [
    ...[201, 202, 203].map(
        (status): Trouble => ({
            name: `${status} in place of 200`,
            kind: "another success",
            acts: true,
            fault: { status, acts: true },
            what: `the API answered ${status}, which leaves open whether it is done`,
            hint: `Check ${ELSEWHERE}`,
        }),
    ),
    {
        name: "204 No Content",
        kind: "success without a body",
        acts: true,
        fault: { status: 204, acts: true },
        what: "the answer had an unexpected shape at its top level",
        hint: `Check ${ELSEWHERE}`,
    },
];

const PAGES: Trouble[] = [
    {
        name: "a key is skipped",
        kind: "incomplete page",
        acts: true,
        fault: { page: "skips a key" },
        what: "",
        hint: "",
    },
    {
        name: "the token is repeated",
        kind: "incomplete page",
        acts: true,
        fault: { page: "repeats its token" },
        what: "the listing repeated a page's token, so it is not complete",
        hint: "Nothing was concluded from it: run again.",
    },
    {
        name: "the listing ends early",
        kind: "incomplete page",
        acts: true,
        fault: { page: "ends early" },
        what: "",
        hint: "",
    },
];

const IGNORED: Trouble[] = [
    {
        name: "200, and the mask was not applied",
        kind: "ignored update",
        acts: false,
        fault: { ignoresUpdate: true },
        what: "",
        hint: "",
    },
];

/** All of them. */
export const TROUBLES: readonly Trouble[] = [
    ...CONNECTION,
    ...BROKEN,
    ...ENDLESS,
    ...UNREADABLE,
    ...REDIRECTS,
    ...REFUSALS,
    ...DENIALS,
    ...RATE,
    ...TROUBLED,
    ...SUCCESSES,
    ...PAGES,
    ...IGNORED,
];
