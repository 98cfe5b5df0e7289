import { setTimeout as sleep } from "node:timers/promises";
import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Fault } from "./faults.js";
import { operationOf } from "./operations.js";
import { errorBody, Refusal } from "./refusal.js";
import { type RecordedRequest, type RequestBody, readBody } from "./requests.js";
import type { Env, World } from "./world.js";

/** What happens around every request, whatever it asks for: it is recorded, slowed down, limited, and made to fail. */

/** Records the request before anything can go wrong with it, and what was answered in the end. */
export function recording(world: World): MiddlewareHandler<Env> {
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
        world.requests.add(recorded);
        context.set("operation", operation);
        context.set("body", body);
        context.set("recorded", recorded);
        await next();
        // Clients read the server's clock from here. An injected fault may have set another.
        if (!context.res.headers.has("date")) {
            context.header("date", world.now().toUTCString());
        }
        if (recorded.status !== "cut") {
            recorded.status = context.res.status;
        }
    };
}

/** Waits for as long as the emulator is told to. */
export function latency(world: World): MiddlewareHandler<Env> {
    return async (_context, next) => {
        await delay(world.latencyMs, world);
        await next();
    };
}

/** Refuses what comes too fast. */
export function limiting(world: World): MiddlewareHandler<Env> {
    return async (_context, next) => {
        const headers = world.rateLimiter?.refusalHeaders(world.now);
        if (headers !== undefined) {
            throw new Refusal(429, "too many requests", headers);
        }
        await next();
    };
}

/** Lets an injected fault strike. */
export function failing(world: World): MiddlewareHandler<Env> {
    return async (context, next) => {
        const fault = world.faults.strike(context.get("operation"));
        if (fault === undefined) {
            return await next();
        }
        await delay(fault.delayMs ?? 0, world);
        if (fault.cut === "before") {
            return cut(context);
        }
        if (fault.cut === "after") {
            await next();
            context.res = cut(context);
            return;
        }
        if (fault.status !== undefined || fault.body !== undefined) {
            return faultAnswer(fault, world);
        }
        await next();
        for (const [name, value] of Object.entries(fault.headers ?? {})) {
            context.header(name, value);
        }
    };
}

/** Answers with an error in the dialect's form. */
export function answerError(
    context: Context<Env>,
    world: World,
    status: ContentfulStatusCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
): Response {
    const { text, contentType } = errorBody(world.dialect.errorBody, status, message);
    return context.body(text, status, { "content-type": contentType, ...headers });
}

function faultAnswer(fault: Fault, world: World): Response {
    const status = fault.status ?? 200;
    const usual = errorBody(world.dialect.errorBody, status, `injected fault ${status}`);
    const contentType = fault.contentType ?? (fault.body === undefined ? usual.contentType : "application/json");
    const headers = { "content-type": contentType, ...fault.headers };
    // Statuses that forbid a body; `Response` throws where they are given one.
    const text = [204, 205, 304].includes(status) ? null : (fault.body ?? usual.text);
    return new Response(text, { status, headers });
}

function cut(context: Context<Env>): Response {
    context.get("recorded").status = "cut";
    context.env.outgoing.destroy();
    return context.body(null);
}

async function delay(milliseconds: number, world: World): Promise<void> {
    if (milliseconds <= 0) {
        return;
    }
    try {
        await sleep(milliseconds, undefined, { signal: world.closing.signal });
    } catch (error) {
        if (!world.closing.signal.aborted) {
            throw error;
        }
    }
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
