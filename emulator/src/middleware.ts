import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError, errorBody } from "./apiError.js";
import { breaksResponse, delay, sendBroken } from "./brokenResponses.js";
import type { Fault } from "./faults.js";
import { operationOf } from "./operations.js";
import { type RecordedRequest, type RequestBody, readBody } from "./requestLog.js";
import type { RequestEnv, State } from "./state.js";

/** The steps before and after every request: the log, latency, the rate limit, and injected faults. */

/** Records each request when it arrives, and its status when it was answered. */
export function recordRequests(state: State): MiddlewareHandler<RequestEnv> {
    return async (context, next) => {
        const { method } = context.req;
        const path = new URL(context.req.url).pathname;
        const operation = operationOf(method, path);
        const body = readBody(await context.req.text());
        const recorded: RecordedRequest = {
            operation,
            method,
            path,
            query: context.req.queries(),
            body: recordedBody(body),
            status: 0,
            at: Date.now(),
        };
        state.requests.add(recorded);
        context.set("operation", operation);
        context.set("body", body);
        context.set("recorded", recorded);
        await next();
        // An injected fault may have set another date.
        if (!context.res.headers.has("date")) {
            context.header("date", state.now().toUTCString());
        }
        if (recorded.status !== "cut") {
            recorded.status = context.res.status;
        }
    };
}

/** Delays each request by the emulator's latency. */
export function addLatency(state: State): MiddlewareHandler<RequestEnv> {
    return async (_context, next) => {
        await delay(state.latencyMs, state);
        await next();
    };
}

/** Answers 429 to requests beyond the rate limit. */
export function limitRate(state: State): MiddlewareHandler<RequestEnv> {
    return async (_context, next) => {
        const headers = state.rateLimiter?.exceeded(state.now);
        if (headers !== undefined) {
            throw new ApiError(429, "too many requests", headers);
        }
        await next();
    };
}

/** Makes a request fail as an injected fault says. */
export function injectFaults(state: State): MiddlewareHandler<RequestEnv> {
    return async (context, next) => {
        const fault = state.faults.take(context.get("operation"));
        if (fault === undefined) {
            return await next();
        }
        context.set("fault", fault);
        context.get("recorded").fault = fault;
        await delay(fault.delayMs ?? 0, state);
        if (fault.cut === "before") {
            return cut(context);
        }
        const answersItself = fault.status !== undefined || fault.body !== undefined;
        if (!answersItself || fault.acts === true) {
            await next();
        }
        if (answersItself) {
            replaceAnswer(context, faultAnswer(fault, fault.acts === true ? context.res : undefined, state));
        }
        for (const [name, value] of Object.entries(fault.headers ?? {})) {
            context.header(name, value);
        }
        if (fault.cut === "after") {
            replaceAnswer(context, cut(context));
        } else if (breaksResponse(fault)) {
            replaceAnswer(context, await sendBroken(context, fault, state));
        }
    };
}

/** Replaces an answer. A plain assignment would keep the headers of the old one. */
function replaceAnswer(context: Context<RequestEnv>, answer: Response): void {
    context.res = undefined;
    context.res = answer;
}

/** An error in the dialect's form. */
export function errorResponse(
    context: Context<RequestEnv>,
    state: State,
    status: ContentfulStatusCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
): Response {
    const { text, contentType } = errorBody(state.dialect.errorBody, status, message);
    return context.body(text, status, { "content-type": contentType, ...headers });
}

/** The fault's own answer. `usual` is the answer of a request that was carried out. */
function faultAnswer(fault: Fault, usual: Response | undefined, state: State): Response {
    const status = fault.status ?? 200;
    // `Response` throws if one of these statuses has a body.
    const bodiless = [204, 205, 304].includes(status);
    if (usual !== undefined && fault.body === undefined && status < 300) {
        return new Response(bodiless ? null : usual.body, { status, headers: usual.headers });
    }
    const error = errorBody(state.dialect.errorBody, status, `injected fault ${status}`);
    const contentType = fault.contentType ?? (fault.body === undefined ? error.contentType : "application/json");
    return new Response(bodiless ? null : (fault.body ?? error.text), {
        status,
        headers: { "content-type": contentType },
    });
}

function cut(context: Context<RequestEnv>): Response {
    context.get("recorded").status = "cut";
    context.env.outgoing.destroy();
    return context.body(null);
}

function recordedBody(body: RequestBody): unknown {
    switch (body.kind) {
        case "none":
            return undefined;
        case "json":
            return body.value;
        case "bad":
            return body.text;
    }
}
