import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startEmulator } from "xai-management-emulator";
import { XaiError } from "../../provider/api/errors.js";
import { MAX_RETRY_AFTER, parseRetryAfter, retryDelay } from "../../provider/api/retry.js";
import { check } from "../../provider/apiKeyCheck.js";
import { changedFields, createObject, updateObject } from "../../provider/apiKeyDiff.js";
import { parseInputs, validateInputs } from "../../provider/apiKeyInputs.js";
import { create, diff, read, remove, update } from "../../provider/apiKeyLifecycle.js";
import { inputsFromState, parseState, stateOutputs } from "../../provider/apiKeyState.js";
import { formatDuration, parseDuration } from "../../provider/duration.js";
import { parseInstant, sameInstant, toMicroseconds } from "../../provider/instant.js";
import { Session } from "../../provider/session.js";
import { readSettings, SettingsError } from "../../provider/settings.js";
import { anyJson, anyNumber, anyText, mutated, nested, orOurs, PATIENCE, runs } from "./effort.js";
import { INPUTS, STATE } from "./samples.js";

/** What programs, people and state files give: taken, or refused in our own words. See effort.ts. */

type Properties = Readonly<Record<string, unknown>>;

/** Only objects are handed to a provider. */
const isObject = (value: unknown): value is Properties =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands for what is not known yet, and numbers that the engine's wire can carry but JSON cannot. */
const onTheWire = fc.constantFrom<unknown>(
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [Number.NaN],
    { toString: 1 },
    { toJSON: 2 },
    "x".repeat(1_000_000),
    "9".repeat(100_000),
);

const oneChanged = (valid: Properties) =>
    fc
        .tuple(fc.constantFrom(...Object.keys(valid)), onTheWire)
        .map(([name, value]): unknown => ({ ...valid, [name]: value }));

const inputs = fc
    .oneof(
        mutated(fc.constant(INPUTS)),
        oneChanged(INPUTS),
        oneChanged(INPUTS).map((one) => ({ ...Object(one), acls: [Reflect.get(Object(one), "acls")] })),
        anyJson,
    )
    .filter(isObject);
const states = fc.oneof(mutated(fc.constant(STATE)), oneChanged(STATE), anyJson).filter(isObject);

const NOW = Date.parse("2027-01-01T00:00:00Z");

describe("arguments", () => {
    test(
        "are taken or refused, whatever they are; what is taken can be sent",
        () => {
            fc.assert(
                fc.property(inputs, fc.option(inputs, { nil: {} }), (news, olds) => {
                    const { failures, warnings } = validateInputs(olds, news, NOW);
                    for (const text of [
                        ...failures.flatMap(({ property, reason }) => [property, reason]),
                        ...warnings,
                    ]) {
                        expect(typeof text).toBe("string");
                        expect(text.length).toBeLessThan(8000);
                    }
                    if (failures.length > 0 || !Object.values(news).every((value) => isKnown(value))) {
                        return;
                    }
                    // What is refused at the first time may stand in a stack already: then our own error says so.
                    const taken = orOurs(XaiError, () => parseInputs(news));
                    if (warnings.length === 0) {
                        expect(taken).not.toBeInstanceOf(XaiError);
                    }
                    if (taken !== undefined && !(taken instanceof XaiError)) {
                        const sent: unknown = JSON.parse(JSON.stringify(createObject(taken)));
                        expect(sent).toMatchObject({ name: expect.any(String), acls: expect.any(Array) });
                        for (const name of ["qps", "qpm"]) {
                            const limit: unknown = Reflect.get(Object(sent), name);
                            expect(limit === null || Number.isSafeInteger(limit)).toBe(true);
                        }
                    }
                }),
                runs(400),
            );
        },
        PATIENCE,
    );

    test("that are nested without end are refused", () => {
        for (const name of Object.keys(INPUTS).filter((one) => one !== "__provider")) {
            for (const value of [nested(1000), [nested(1000)]]) {
                expect(validateInputs({}, { ...INPUTS, [name]: value }, NOW).failures.length).toBeGreaterThan(0);
            }
        }
    });
});

function isKnown(value: unknown): boolean {
    return JSON.stringify(value)?.includes("04da6b54-80e4-46f7-96ec-b56ff0331ba9") !== true;
}

describe("states", () => {
    test(
        "are a key's or not, whatever they are; a key's own secret and id are never lost",
        () => {
            fc.assert(
                fc.property(states, (outputs) => {
                    const state = parseState(outputs);
                    const { apiKeyId, teamId, apiKey } = outputs;
                    if (
                        typeof apiKeyId === "string" &&
                        apiKeyId !== "" &&
                        typeof teamId === "string" &&
                        teamId !== ""
                    ) {
                        expect(state).toMatchObject({ apiKeyId, teamId });
                    }
                    if (state === undefined) {
                        return;
                    }
                    expect(state.apiKeyId).toBe(apiKeyId);
                    expect(state.apiKey).toBe(typeof apiKey === "string" && apiKey !== "" ? apiKey : undefined);
                    expect(parseState(JSON.parse(JSON.stringify(stateOutputs(state))))).toEqual(
                        JSON.parse(JSON.stringify(state)),
                    );
                    expect(typeof inputsFromState(state).name).toBe("string");
                }),
                runs(500),
            );
        },
        PATIENCE,
    );

    test(
        "can be compared with any arguments, and what differs can be sent",
        () => {
            fc.assert(
                fc.property(states, inputs, (outputs, news) => {
                    const { changes } = diff(outputs, news);
                    expect(typeof changes).toBe("boolean");
                    const state = parseState(outputs);
                    const taken = orOurs(XaiError, () => parseInputs(news));
                    if (state !== undefined && !(taken instanceof XaiError)) {
                        expect(JSON.stringify(updateObject(state, taken))).toContain("apiKeyId");
                        expect(changedFields(state, taken).every((field) => field !== undefined)).toBe(true);
                    }
                }),
                runs(400),
            );
        },
        PATIENCE,
    );

    test(
        "and arguments go through every operation, which ends in a value or in one of our errors",
        async () => {
            const emulator = await startEmulator();
            const config: Record<string, string> = {
                managementKey: emulator.managementKey,
                teamId: emulator.teamId,
                baseUrl: emulator.url,
                maxRetries: "0",
                requestTimeout: "2s",
                operationTimeout: "2s",
            };
            const surroundings = {
                session: new Session(
                    readSettings((name) => config[name], {}),
                    () => undefined,
                ),
                progress: () => undefined,
            };
            try {
                await fc.assert(
                    fc.asyncProperty(states, inputs, async (outputs, news) => {
                        const existing = emulator.addKey({ name: "search" });
                        const id = existing.apiKeyId;
                        const held = { ...outputs, apiKeyId: id, teamId: emulator.teamId };
                        const given = { ...news, teamId: emulator.teamId, waitForPropagation: false };
                        const operations = [
                            () => check(surroundings, outputs, news, NOW),
                            () => read(surroundings, id, outputs),
                            () => read(surroundings, id, held),
                            () => update(surroundings, held, given),
                            () => update(surroundings, outputs, given),
                            () => create(surroundings, given),
                            () => remove(surroundings, id, outputs),
                        ];
                        for (const operation of operations) {
                            await operation().catch((error: unknown) => expect(error).toBeInstanceOf(XaiError));
                        }
                        for (const { apiKeyId } of emulator.keys()) {
                            emulator.deleteKey(apiKeyId);
                        }
                    }),
                    { ...runs(40) },
                );
            } finally {
                await emulator.close();
            }
        },
        PATIENCE,
    );
});

test(
    "settings are read or refused in our words, whatever stands in configuration and environment",
    () => {
        const names = [
            "managementKey",
            "teamId",
            "baseUrl",
            "validateAcls",
            "requestTimeout",
            "operationTimeout",
            "maxRetries",
            "maxConcurrency",
        ];
        const url = fc
            .tuple(
                fc.constantFrom(
                    "http://",
                    "https://",
                    "HTTP:",
                    "https:\\\\",
                    "ftp://",
                    "javascript:",
                    "http:///",
                    "//",
                    "",
                ),
                fc.constantFrom(
                    "127.0.0.1",
                    "a.example",
                    "[::1]",
                    "user:pass@a",
                    "a:99999",
                    "a:80",
                    "\u0000",
                    "ä.example",
                    "a b",
                    "",
                ),
                fc.oneof(anyText, fc.constantFrom("/", "//", "/v1/../..", "/?", "/#", "/%00", "?", "#")),
            )
            .map((parts) => parts.join(""));
        const value = fc.oneof(
            anyText,
            anyJson,
            url,
            fc.constantFrom("30s", "1e3s", "0s", "999999999h", "-1", "8", "08", "1e1", "error"),
        );
        const config = fc
            .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 3 })
            .map((entries) => new Map<string, unknown>(entries));
        const environment = fc.dictionary(
            fc.constantFrom("XAI_MANAGEMENT_KEY", "XAI_MANAGEMENT_API_KEY", "XAI_TEAM_ID", "XAI_MANAGEMENT_BASE_URL"),
            anyText,
            { maxKeys: 2 },
        );
        fc.assert(
            fc.property(config, environment, (given, variables) => {
                const settings = orOurs(XaiError, () => readSettings((name) => given.get(name), variables));
                if (settings instanceof XaiError) {
                    expect(settings).toBeInstanceOf(SettingsError);
                    return;
                }
                for (const limit of [settings.requestTimeout, settings.operationTimeout, settings.maxConcurrency]) {
                    expect(limit > 0 && Number.isFinite(limit)).toBe(true);
                }
                expect(Number.isSafeInteger(settings.maxRetries)).toBe(true);
                // A path that is put behind the base URL arrives as a path, at the same host.
                const base = new URL(settings.baseUrl);
                const whole = new URL(`${settings.baseUrl}/auth/x`);
                expect(whole.pathname.endsWith("/auth/x")).toBe(true);
                expect([whole.host, whole.search, whole.hash, whole.username]).toEqual([base.host, "", "", ""]);
                expect(settings.baseUrl.endsWith("/")).toBe(false);
            }),
            runs(1500),
        );
    },
    PATIENCE,
);

describe("durations", () => {
    const parts = fc
        .array(
            fc.tuple(
                fc.oneof(
                    fc.nat().map(String),
                    anyNumber.map(String),
                    fc.constantFrom("1.5", ".5", "1.", "9".repeat(400)),
                ),
                fc.constantFrom("ms", "s", "m", "h", "d", ""),
            ),
            { maxLength: 4 },
        )
        .map((all) => all.flat().join(""));

    test("are a finite number of milliseconds, or none", () => {
        fc.assert(
            fc.property(fc.oneof(parts, anyText), (text) => {
                const ms = parseDuration(text);
                expect(ms === undefined || (ms >= 0 && Number.isFinite(ms))).toBe(true);
                if (ms !== undefined) {
                    expect(text).toMatch(/^[0-9.dhms]+$/);
                }
            }),
            runs(2000),
        );
        expect(parseDuration("1".repeat(1_000_000))).toBeUndefined();
        expect(parseDuration("1h".repeat(500_000))).toBeGreaterThan(0);
    });

    test("are written so that they are read again as the same, to the second", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 10 ** 10 }), (ms) => {
                const again = parseDuration(formatDuration(ms));
                expect(Math.abs((again ?? Number.NaN) - ms)).toBeLessThanOrEqual(ms < 1000 ? 0.5 : 500);
            }),
            runs(1000),
        );
    });
});

describe("instants", () => {
    const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
    const formed = fc
        .tuple(
            fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, "0")),
            two,
            two,
            two,
            two,
            two,
            fc.constantFrom("", ".1", ".123456789", `.${"3".repeat(400)}`, ".0", "."),
            fc.oneof(
                fc.constantFrom("Z", "z", "+00:00", "-00:00", "+23:59", "-23:59", "+99:99", ""),
                fc.tuple(two, two).map(([h, m]) => `+${h}:${m}`),
            ),
        )
        .map(([y, mo, d, h, mi, s, f, o]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${f}${o}`);
    const near = fc
        .tuple(
            fc.constantFrom("0000-01-01T00:00:00", "9999-12-31T23:59:59", "2028-02-29T12:00:00", "2027-02-29T12:00:00"),
            fc.constantFrom("Z", "+01:00", "-01:00"),
        )
        .map((all) => all.join(""));

    test("are read or not; in the API's own form they stay the same to the microsecond", () => {
        fc.assert(
            fc.property(fc.oneof(formed, near, anyText), (text) => {
                const instant = parseInstant(text);
                expect(sameInstant(text, text)).toBe(true);
                const form = toMicroseconds(text);
                if (instant === undefined) {
                    expect(form).toBe(text);
                    return;
                }
                expect(Number.isSafeInteger(instant.seconds)).toBe(true);
                expect(instant.fraction).toMatch(/^\d*$/);
                expect(form).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
                expect(parseInstant(form)).toEqual({
                    seconds: instant.seconds,
                    fraction: instant.fraction.slice(0, 6).replace(/0+$/, ""),
                });
                expect(toMicroseconds(form)).toBe(form);
            }),
            runs(3000),
        );
    });
});

describe("Retry-After", () => {
    const header = fc.oneof(
        anyText,
        anyNumber.map(String),
        fc
            .tuple(
                fc.constantFrom(
                    "Sun, 06 Nov 1994 08:49:37",
                    "Sunday, 06-Nov-94 08:49:37",
                    "Sun Nov  6 08:49:37 1994",
                    "Fri, 31 Dec 9999 23:59:59",
                    "Sun, 99 Nov 1994",
                    "soon 30",
                    "after 5",
                    "seconds 30",
                ),
                fc.constantFrom("", " GMT", " +0100", " nonsense"),
            )
            .map((all) => all.join("")),
    );

    test("is a pause from nothing to the cap, whatever the header holds", () => {
        fc.assert(
            fc.property(
                header,
                fc.option(header, { nil: undefined }),
                fc.integer({ min: 1, max: 40 }),
                fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
                (retryAfter, date, attempt, random) => {
                    const pause = retryDelay({ kind: "answer", status: 429, retryAfter, date }, attempt, random, NOW);
                    expect(pause >= 0 && pause <= MAX_RETRY_AFTER).toBe(true);
                },
            ),
            runs(2000),
        );
    });

    test.each(["soon 30", "after 5", "seconds 30", "May 5", "Sun, 06 Nov", "Sunday 1", "1e3", "-5", "+5", "0x10", "∞"])(
        "such as %j is no word of the server, and not a moment long gone",
        (text) => {
            expect(parseRetryAfter(text, undefined, NOW)).toBeUndefined();
        },
    );
});
