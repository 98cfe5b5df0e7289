import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Fault } from "./faults.js";
import type { Env, World } from "./world.js";

/** Answers that do not arrive as they should: they break off, dawdle, or are huge. */

/** Whether a fault is about how the answer arrives. */
export function arrivesBadly(fault: Fault): boolean {
    return fault.cut !== undefined || fault.stall !== undefined || fault.padding !== undefined;
}

/**
 * Sends the answer that the context holds as the fault says, past the framework, which only sends whole ones.
 *
 * @returns What tells the framework that nothing is left to do. The answer may still be on its way.
 */
export async function sendBadly(context: Context<Env>, fault: Fault, world: World): Promise<Response> {
    const { status, headers } = context.res;
    const answer: Answer = {
        status,
        headers: { date: world.now().toUTCString(), ...Object.fromEntries(headers) },
        body: new Uint8Array(await context.res.arrayBuffer()),
    };
    const { outgoing } = context.env;
    // Who is sent half an answer may hang up at any moment.
    outgoing.on("error", () => undefined);
    if (fault.cut !== undefined) {
        context.get("recorded").status = "cut";
        breakOff(outgoing, answer, fault.cut);
    } else {
        void sendSlowly(outgoing, answer, fault, world);
    }
    return new Response(null, { status, headers: RESPONSE_ALREADY_SENT.headers });
}

interface Answer {
    status: number;
    headers: Record<string, string>;
    body: Uint8Array;
}

function breakOff(outgoing: ServerResponse, { status, headers, body }: Answer, at: NonNullable<Fault["cut"]>): void {
    const half = body.subarray(0, body.length / 2);
    const whole = { ...headers, "content-length": String(body.length + 1) };
    switch (at) {
        case "in headers":
            outgoing.socket?.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nContent-Type: applica`);
            break;
        case "after headers":
            outgoing.writeHead(status, whole).flushHeaders();
            break;
        case "in body":
            outgoing.writeHead(status, whole).write(half);
            break;
        case "in chunked body":
            outgoing.writeHead(status, headers).write(half);
            break;
    }
    // What was written still gets out.
    outgoing.socket?.destroySoon();
}

async function sendSlowly(outgoing: ServerResponse, answer: Answer, fault: Fault, world: World): Promise<void> {
    const { status, headers, body } = answer;
    const length = (fault.padding ?? 0) + body.length;
    outgoing.writeHead(status, { ...headers, "content-length": String(length) }).flushHeaders();
    if (fault.stall !== "after headers") {
        // A client that hangs up ends this as well.
        await pipeline(pieces(body, fault, world), outgoing).catch(() => undefined);
    }
}

const BLANKS = new Uint8Array(64 * 1024).fill(0x20);

async function* pieces(body: Uint8Array, { padding = 0, stall }: Fault, world: World): AsyncGenerator<Uint8Array> {
    for (let left = padding; left > 0; left -= BLANKS.length) {
        yield BLANKS.subarray(0, left);
    }
    if (typeof stall !== "object") {
        yield body;
        return;
    }
    for (let at = 0; at < body.length && !world.closing.signal.aborted; at += 1) {
        yield body.subarray(at, at + 1);
        await delay(stall.byteEveryMs, world);
    }
}

/** Waits, but not longer than the emulator runs. */
export async function delay(milliseconds: number, world: World): Promise<void> {
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
