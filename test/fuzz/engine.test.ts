import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Crypter } from "../../sdk/testing/engine/crypto.js";
import { readProject } from "../../sdk/testing/engine/project.js";
import { parsePropertyPath } from "../../sdk/testing/engine/propertyPath.js";
import { resourceState } from "../../sdk/testing/engine/resource.js";
import { parseStateFile, readState, sealedBy, writeDeployment } from "../../sdk/testing/engine/stateFormat.js";
import {
    changedKeys,
    equal,
    isMap,
    markAgain,
    markOutputs,
    Reference,
    revealMap,
    Secret,
    UNKNOWN,
    type Value,
    type ValueMap,
} from "../../sdk/testing/engine/values.js";
import {
    fromWire,
    REFERENCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE,
    toWire,
    UNKNOWN_SENTINEL,
} from "../../sdk/testing/engine/wire.js";
import { LocalEngineError, LocalStack, StateFileError } from "../../sdk/testing/index.js";
import { anyJson, anyNumber, anyText, mutated, nested, orOurs, PATIENCE, runs } from "./effort.js";

/** What the local engine reads: states, projects, and the values of Pulumi's protocol. See effort.ts. */

let crypter: Crypter;
let folder: string;
beforeAll(async () => {
    crypter = await Crypter.create("test");
    folder = mkdtempSync(join(tmpdir(), "fuzz-engine-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isError = (value: unknown): value is LocalEngineError => value instanceof LocalEngineError;

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(null, true, false, UNKNOWN),
        anyText,
        anyNumber,
        tie("value").map((one) => new Secret(one)),
        fc.constantFrom(
            new Reference("urn", "id", ""),
            new Reference("urn", undefined, "1"),
            new Reference("urn", UNKNOWN, ""),
        ),
        fc.array(tie("value"), { maxLength: 4 }),
        fc
            .array(fc.tuple(anyText, tie("value")), { maxLength: 4 })
            .map((entries) => Object.fromEntries<Value>(entries)),
    ),
})).value;
const values = fc
    .array(fc.tuple(anyText, value), { maxLength: 5 })
    .map((entries) => Object.fromEntries<Value>(entries));

const ALL = { secrets: true, references: true, unknowns: true };

describe("values of the protocol", () => {
    test("come back as they were, whatever their names", () => {
        fc.assert(
            fc.property(values, (map) => {
                expect(fromWire(toWire(map, ALL), { label: "it", unknowns: true })).toEqual(map);
                const plain = JSON.stringify(toWire(map, { secrets: false, references: false, unknowns: false }));
                expect(plain).not.toContain(SIGNATURE);
            }),
            runs(500),
        );
    });

    test("that arrive are taken, or refused in our words", () => {
        const marked = fc.constantFrom(
            { [SIGNATURE]: SECRET_SIGNATURE, value: "s" },
            { [SIGNATURE]: REFERENCE_SIGNATURE, urn: "urn", id: "id" },
            { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: 1, secret: true },
            { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "x" },
            { a: UNKNOWN_SENTINEL, b: [{ [SIGNATURE]: SECRET_SIGNATURE }] },
        );
        const odd = fc.constantFrom<unknown>(
            undefined,
            Number.NaN,
            1n,
            Symbol("x"),
            () => 1,
            nested(1000),
            new Map([["a", 1]]),
            nested(100_000),
        );
        fc.assert(
            fc.property(fc.oneof(mutated(marked), odd), fc.boolean(), (given, unknowns) => {
                const taken = orOurs(LocalEngineError, () => fromWire({ key: given }, { label: "it", unknowns }));
                if (!isError(taken)) {
                    expect(toWire(taken, ALL)).toHaveProperty("key");
                }
            }),
            runs(500),
        );
    });

    test("are equal exactly where nothing says otherwise", () => {
        fc.assert(
            fc.property(
                values,
                values,
                fc.constantFrom("__proto__", "constructor", "toString"),
                (left, right, name) => {
                    expect(equal(left, left)).toBe(true);
                    expect(changedKeys(left, left)).toEqual([]);
                    expect(equal(left, right)).toBe(equal(right, left));
                    // A value under a name that objects have by themselves is one that came.
                    const { [name]: _, ...without } = left;
                    for (const one of [{}, "x", new Secret(1)]) {
                        expect(
                            changedKeys(without, Object.fromEntries<Value>([...Object.entries(without), [name, one]])),
                        ).toEqual([name]);
                    }
                },
            ),
            runs(500),
        );
    });

    test("that were secret are secret again, and nothing else changes", () => {
        fc.assert(
            fc.property(values, values, fc.array(anyText, { maxLength: 3 }), (outputs, inputs, named) => {
                for (const marked of [markAgain(outputs, inputs), markOutputs(outputs, inputs, named)]) {
                    expect(revealMap(marked)).toEqual(revealMap(outputs));
                }
                for (const [name, given] of Object.entries(inputs)) {
                    const again = new Map(Object.entries(markAgain(outputs, inputs))).get(name);
                    if (given instanceof Secret && again !== undefined && !isMap(again)) {
                        expect(again).toBeInstanceOf(Secret);
                    }
                }
            }),
            runs(500),
        );
    });
});

test("a path into properties is one or none", () => {
    const parts = fc
        .array(
            fc.oneof(
                fc.constantFrom("a", ".", "[", "]", '"', "\\", "[*]", '["', '"]', "[0]", "__proto__", "\u0000"),
                anyText,
            ),
            { maxLength: 12 },
        )
        .map((all) => all.join(""));
    fc.assert(
        fc.property(parts, (text) => {
            const path = parsePropertyPath(text);
            expect(path === undefined || path.every((part) => typeof part === "string" || Number.isInteger(part))).toBe(
                true,
            );
        }),
        runs(1000),
    );
    for (const text of [
        "[".repeat(1_000_000),
        '["'.repeat(300_000),
        `["${"\\\\".repeat(300_000)}`,
        "a".repeat(1_000_000),
    ]) {
        parsePropertyPath(text);
    }
});

/** The text of a state file with one key in it, as the engine writes it. */
function stateFile(): { [key: string]: unknown } {
    const urn = "urn:pulumi:test::shop::pulumi-nodejs:dynamic/xai:ApiKey::search";
    const outputs: ValueMap = { apiKey: new Secret("xai-secret"), qps: 5, nested: { a: [new Secret({ b: 1 })] } };
    const resource = resourceState({
        urn,
        type: "t",
        custom: true,
        id: "id",
        inputs: { qps: 5 },
        outputs,
        dependencies: ["u"],
        customTimeouts: { create: 5 },
    });
    const state = { resources: [resource], pending: [{ type: "creating" as const, resource }] };
    return {
        localEngine: { note: "n", project: "shop", stack: "test" },
        version: 3,
        deployment: writeDeployment(state, crypter.salt, sealedBy(crypter), new Date(0)),
    };
}

describe("a state file", () => {
    test(
        "is read or refused in our words, whatever was done to it; what is read can be written",
        () => {
            const file = stateFile();
            const text = JSON.stringify(file);
            const torn = fc.nat({ max: text.length }).map((end) => text.slice(0, end));
            fc.assert(
                fc.property(
                    fc.oneof(
                        mutated(fc.constant(file)).map((one) => JSON.stringify(one)),
                        torn,
                        anyText,
                        fc.json(),
                    ),
                    (changed) => {
                        const parsed = orOurs(LocalEngineError, () => parseStateFile(changed, "state.json"));
                        if (isError(parsed)) {
                            expect(parsed).toBeInstanceOf(StateFileError);
                            expect(parsed.message).not.toContain("xai-secret");
                            return;
                        }
                        const state = orOurs(LocalEngineError, () => readState(parsed, crypter));
                        if (isError(state)) {
                            expect(state).toBeInstanceOf(StateFileError);
                            return;
                        }
                        const again = {
                            ...file,
                            deployment: writeDeployment(state, crypter.salt, sealedBy(crypter), new Date(0)),
                        };
                        expect(readState(parseStateFile(JSON.stringify(again), "again"), crypter)).toEqual(state);
                    },
                ),
                runs(400),
            );
        },
        PATIENCE,
    );

    test("of another kind, or of an empty object, never passes for a stack without resources", () => {
        for (const text of [
            "{}",
            "[]",
            "null",
            '"x"',
            '{"version":3,"deployment":{}}',
            '{"localEngine":{},"version":3}',
            '{"localEngine":null}',
            '{"__proto__":{"localEngine":{}}}',
        ]) {
            expect(() => parseStateFile(text, "state.json")).toThrow(StateFileError);
        }
    });

    test(
        "whose salt is damaged opens with no passphrase, and says so",
        async () => {
            const salts = fc.oneof(
                anyText,
                fc.constantFrom(
                    "v1:",
                    "v1::",
                    `v1:${"A".repeat(11)}=:v1:AAAA:AAAA`,
                    crypter.salt.slice(0, -3),
                    crypter.salt.replace("v1", "v2"),
                ),
            );
            await fc.assert(
                fc.asyncProperty(salts, async (salt) => {
                    await expect(Crypter.open("test", salt)).rejects.toBeInstanceOf(StateFileError);
                }),
                runs(15),
            );
        },
        PATIENCE,
    );

    test(
        "opens or not as a stack, in our words",
        async () => {
            const path = join(folder, "state.json");
            await fc.assert(
                fc.asyncProperty(mutated(fc.constant(stateFile())), async (changed) => {
                    writeFileSync(path, JSON.stringify(changed) ?? "");
                    const target = { stackName: "test", projectName: "shop", program: async () => undefined };
                    const opened = await LocalStack.createOrSelect(target, {
                        stateFile: path,
                        passphrase: "test",
                    }).then(
                        (stack) => stack.exportStack(),
                        (error: unknown) => void expect(error).toBeInstanceOf(LocalEngineError),
                    );
                    if (opened !== undefined) {
                        expect(opened).toHaveProperty("deployment.resources");
                    }
                }),
                runs(60),
            );
        },
        PATIENCE,
    );
});

describe("a project's files", () => {
    const project = {
        name: "shop",
        runtime: { name: "nodejs", options: { typescript: false, tsconfig: "t.json", nodeargs: "--a --b" } },
        main: "index.js",
        config: {
            "xai:teamId": "team",
            plain: 5,
            described: { value: { a: 1 } },
            other: { type: "string", default: "d" },
        },
    };
    const stack = {
        config: { "xai:teamId": "team", "xai:managementKey": { secure: "v1:abc" }, list: [1, { a: null }] },
    };
    // JSON is YAML. Beside it, what only YAML can say: anchors, tags, dates, several documents.
    const yaml = fc.constantFrom(
        "",
        " ",
        "---",
        "--- \n---\n",
        "a: &x [*x]",
        "name: shop\nruntime: nodejs\nconfig: &c\n  a: *c",
        "config: &c\n  a: {value: *c}\n",
        "name: shop\nruntime: nodejs\nconfig: {d: 2027-01-01, n: .nan, i: .inf, b: !!binary aGk=, s: !!set {a}}",
        "\t",
        "!!js/function x",
        "? {a: 1}\n: 2",
        "<<: 5",
        "&a *a",
        "name: {shop}",
        "__proto__: {name: shop}",
        'name: shop\nruntime: nodejs\nmain: "\\0"',
        `a: ${"[".repeat(20_000)}`,
        "- ".repeat(5000),
        Array.from({ length: 12 }, (_, level) =>
            level === 0
                ? "l0: &l0 [x, x, x]"
                : `l${level}: &l${level} [${Array(9)
                      .fill(`*l${level - 1}`)
                      .join(", ")}]`,
        ).join("\n"),
    );

    test(
        "are read or refused in our words, whatever is in them",
        () => {
            mkdirSync(join(folder, "project"));
            writeFileSync(join(folder, "project", "index.js"), "");
            const changed = (valid: unknown) =>
                fc.oneof(
                    { weight: 6, arbitrary: mutated(fc.constant(valid)).map((one) => JSON.stringify(one) ?? "") },
                    { weight: 2, arbitrary: yaml },
                    { weight: 1, arbitrary: anyText },
                    { weight: 1, arbitrary: anyJson.map((one) => JSON.stringify(one)) },
                );
            fc.assert(
                fc.property(changed(project), changed(stack), (main, config) => {
                    writeFileSync(join(folder, "project", "Pulumi.yaml"), main);
                    writeFileSync(join(folder, "project", "Pulumi.test.yaml"), config);
                    const read = orOurs(LocalEngineError, () => readProject(join(folder, "project"), "test"));
                    if (!isError(read)) {
                        expect(read.name).not.toBe("");
                        expect(
                            [...read.config].every(([key, text]) => key.includes(":") && typeof text === "string"),
                        ).toBe(true);
                    }
                }),
                runs(400),
            );
        },
        PATIENCE,
    );
});
