import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Fault } from "./faults.js";
import type { RequestEnv, State } from "./state.js";

/** Answers that do not arrive as they should: cut off, slow, or huge. */

/** Whether a fault changes how the answer arrives. */
export function breaksResponse(fault: Fault): boolean {
    return fault.cut !== undefined || fault.stall !== undefined || fault.padding !== undefined;
}

/**
 * Sends the context's answer as the fault says. It bypasses the framework, which sends whole answers only.
 *
 * @returns a marker for the framework that the answer is sent. Parts of it may still be on their way.
 */
export async function sendBroken(context: Context<RequestEnv>, fault: Fault, state: State): Promise<Response> {
    const { status, headers } = context.res;
    const answer: Answer = {
        status,
        headers: { date: state.now().toUTCString(), ...Object.fromEntries(headers) },
        body: new Uint8Array(await context.res.arrayBuffer()),
    };
    const { outgoing } = context.env;
    // The client may hang up at any moment.
    outgoing.on("error", () => undefined);
    if (fault.cut !== undefined) {
        context.get("recorded").status = "cut";
        breakOff(outgoing, answer, fault.cut);
    } else {
        void sendSlowly(outgoing, answer, fault, state);
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
    // It still sends what was written.
    outgoing.socket?.destroySoon();
}

async function sendSlowly(outgoing: ServerResponse, answer: Answer, fault: Fault, state: State): Promise<void> {
    const { status, headers, body } = answer;
    const length = (fault.padding ?? 0) + body.length;
    outgoing.writeHead(status, { ...headers, "content-length": String(length) }).flushHeaders();
    if (fault.stall !== "after headers") {
        // It ends early if the client hangs up.
        await pipeline(pieces(body, fault, state), outgoing).catch(() => undefined);
    }
}

const BLANKS = new Uint8Array(64 * 1024).fill(0x20);

async function* pieces(body: Uint8Array, { padding = 0, stall }: Fault, state: State): AsyncGenerator<Uint8Array> {
    for (let left = padding; left > 0; left -= BLANKS.length) {
        yield BLANKS.subarray(0, left);
    }
    if (typeof stall !== "object") {
        yield body;
        return;
    }
    for (let at = 0; at < body.length && !state.closing.signal.aborted; at += 1) {
        yield body.subarray(at, at + 1);
        await delay(stall.byteEveryMs, state);
    }
}

/** Waits, but ends when the emulator closes. */
export async function delay(milliseconds: number, state: State): Promise<void> {
    if (milliseconds <= 0) {
        return;
    }
    try {
        await sleep(milliseconds, undefined, { signal: state.closing.signal });
    } catch (error) {
        if (!state.closing.signal.aborted) {
            throw error;
        }
    }
}
