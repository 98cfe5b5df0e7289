import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, type Operation, startEmulator } from "xai-management-emulator";
import { getApiKey, getApiKeys, getManagementKey, getModel } from "../../sdk/index.js";
import { expectNoLeak } from "../engine/leaks.js";
import { TROUBLES, type Trouble } from "../faults/troubles.js";
import { deploy, failureOf } from "./deployment.js";

/** Whatever goes wrong between a look-up and the API is one line of the program, or is nothing. */

let emulator: Emulator;
let start: (options?: { now?: () => Date }) => Promise<void>;
beforeEach(() => {
    start = async (options) => {
        emulator = await startEmulator(options);
        emulator.addKey({ name: "search" });
    };
});
afterEach(() => emulator.close());

const LOOK_UPS: readonly [Operation, string, () => Promise<unknown>][] = [
    ["listApiKeys", "Could not list the API keys of team ", () => getApiKeys({ name: "search" })],
    ["listModels", "Could not list the models of team ", () => getModel("grok-4")],
    ["validateManagementKey", "Could not ask whose the management key is", () => getManagementKey()],
];

// An answer of 100 MB is played where the table of faults is; a page alone is no fault of models.
const faults = TROUBLES.filter(
    ({ fault, kind }) => !fault?.padding && kind !== "incomplete page" && kind !== "ignored update",
);

/** How long an attempt may take where the answer does not come to an end, in milliseconds. */
const SHORT = 600;

/** A pattern of a text in which words in braces stand for anything. */
function patternOf(template: string): RegExp {
    return new RegExp(
        template
            .split(/\{\w+\}/)
            .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
            .join(".*?"),
    );
}

/** The server lacks the operation, as far as the provider can tell. */
const isMissing = ({ kind }: Trouble) => kind === "not found" || kind === "no such method";

describe.each(LOOK_UPS)("%s", (operation, could, ask) => {
    test.each(faults.map((trouble) => [trouble.name, trouble] as const))("%s", async (_name, trouble) => {
        const { fault, kind, connection, requestTimeout, outlasts, clockHours = 0 } = trouble;
        await start({ now: () => new Date(Date.now() + clockHours * 3_600_000) });
        if (fault !== undefined) {
            emulator.inject({ operation, times: Number.POSITIVE_INFINITY, ...fault });
        }
        await deploy(emulator, {
            "xai:baseUrl": connection?.baseUrl(emulator.url) ?? emulator.url,
            "xai:requestTimeout": `${requestTimeout === undefined ? 15_000 : SHORT}ms`,
        });
        if (kind === "another success") {
            expect(await ask()).toBeDefined();
            return;
        }
        const message = await failureOf(ask());
        expectNoLeak(emulator.secrets(), [{ name: "the message", text: message }]);
        expect(message.startsWith(could)).toBe(true);
        if (operation === "validateManagementKey" && isMissing(trouble)) {
            expect(message).toContain("this server does not offer it");
        } else {
            expect(message).toMatch(patternOf(trouble.what));
            expect(message).toMatch(patternOf(trouble.hint));
        }
        // It is not kept: the same deployment asks again, where it has no pause to make.
        emulator.clearFaults();
        if (connection === undefined && !outlasts && !(operation === "validateManagementKey" && isMissing(trouble))) {
            expect(await ask()).toBeDefined();
        }
    });
});

test("a listing that does not end, and one that fails where a second has to agree, are errors", async () => {
    await start();
    emulator.addKey({ name: "another" });
    await deploy(emulator);
    emulator.inject({ operation: "listApiKeys", body: '{"apiKeys": [], "paginationToken": "again"}', times: 2 });
    expect(await failureOf(getApiKeys())).toContain("the listing repeated a page's token, so it is not complete");
    emulator.clearFaults();
    emulator.inject({ operation: "listApiKeys", status: 503, after: 1 });
    expect(await failureOf(getApiKey({ name: "lost" }))).toContain("the API answered 503");
    expect(await failureOf(getApiKey({ name: "lost" }))).toContain("has no API key with the name");
});
