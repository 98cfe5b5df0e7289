import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { arrivesBadly, delay, sendBadly } from "./delivery.js";
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
        context.set("fault", fault);
        context.get("recorded").fault = fault;
        await delay(fault.delayMs ?? 0, world);
        if (fault.cut === "before") {
            return cut(context);
        }
        const answersItself = fault.status !== undefined || fault.body !== undefined;
        if (!answersItself || fault.acts === true) {
            await next();
        }
        if (answersItself) {
            replaceAnswer(context, faultAnswer(fault, fault.acts === true ? context.res : undefined, world));
        }
        for (const [name, value] of Object.entries(fault.headers ?? {})) {
            context.header(name, value);
        }
        if (fault.cut === "after") {
            replaceAnswer(context, cut(context));
        } else if (arrivesBadly(fault)) {
            replaceAnswer(context, await sendBadly(context, fault, world));
        }
    };
}

/** Takes an answer in another's place: assigned alone, it would inherit the other's headers. */
function replaceAnswer(context: Context<Env>, answer: Response): void {
    context.res = undefined;
    context.res = answer;
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

/** The fault's own answer. `deserved` is what the request was answered, where it was carried out. */
function faultAnswer(fault: Fault, deserved: Response | undefined, world: World): Response {
    const status = fault.status ?? 200;
    // Statuses that forbid a body; `Response` throws where they are given one.
    const bodiless = [204, 205, 304].includes(status);
    if (deserved !== undefined && fault.body === undefined && status < 300) {
        return new Response(bodiless ? null : deserved.body, { status, headers: deserved.headers });
    }
    const usual = errorBody(world.dialect.errorBody, status, `injected fault ${status}`);
    const contentType = fault.contentType ?? (fault.body === undefined ? usual.contentType : "application/json");
    return new Response(bodiless ? null : (fault.body ?? usual.text), {
        status,
        headers: { "content-type": contentType },
    });
}

function cut(context: Context<Env>): Response {
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
