import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as xai from "../../sdk/index.js";

const ACLS = [xai.acl.model("grok-4"), xai.acl.endpoint("chat")];

beforeEach(async () => {
    const newResource = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({ id: "id-1", state: inputs });
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "shop", "prod");
});

afterEach(() => {
    vi.unstubAllEnvs();
});

/** How many stack traces of any frames are taken while something runs. */
function tracesTaken(run: () => void): number {
    const { prepareStackTrace } = Error;
    let taken = 0;
    Error.prepareStackTrace = (error, frames) => {
        taken += frames.length > 0 ? 1 : 0;
        return prepareStackTrace?.(error, frames) ?? "";
    };
    try {
        run();
        return taken;
    } finally {
        Error.prepareStackTrace = prepareStackTrace;
    }
}

test("a key takes a few stack traces, not four for each output", () => {
    const limit = Error.stackTraceLimit;
    expect(tracesTaken(() => new xai.XaiApiKey("search", { acls: ACLS }))).toBeLessThan(8);
    expect(Error.stackTraceLimit).toBe(limit);
});

test("who looks for promises that are never resolved gets them all", () => {
    vi.stubEnv("PULUMI_DEBUG_PROMISE_LEAKS", "1");
    expect(tracesTaken(() => new xai.XaiApiKey("search", { acls: ACLS }))).toBeGreaterThan(8);
});

test("a resource that cannot be made is an error that shows where in the program, and the next ones are traced again", () => {
    const limit = Error.stackTraceLimit;
    let failure: unknown;
    try {
        new xai.XaiApiKey("", { acls: ACLS });
    } catch (error) {
        failure = error;
    }
    expect(failure).toMatchObject({ message: expect.stringContaining("Missing resource name") });
    expect(failure).toMatchObject({ stack: expect.stringContaining("stackTraces.test.ts") });
    expect(Error.stackTraceLimit).toBe(limit);
});
