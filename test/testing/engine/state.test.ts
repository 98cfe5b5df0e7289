import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Crypter } from "../../../sdk/testing/engine/crypto.js";
import { LocalStack, ProjectError, STATE_MARKER, StateFileError } from "../../../sdk/testing/engine/index.js";
import { Journal } from "../../../sdk/testing/engine/journal.js";
import { resourceState } from "../../../sdk/testing/engine/resource.js";
import { replaceFile } from "../../../sdk/testing/engine/stateFile.js";
import {
    inTheClear,
    parseStateFile,
    readState,
    type StackState,
    sealedBy,
    writeDeployment,
} from "../../../sdk/testing/engine/stateFormat.js";
import { StateWriter } from "../../../sdk/testing/engine/stateWriter.js";
import { Reference, Secret, UNKNOWN } from "../../../sdk/testing/engine/values.js";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const resource = resourceState({
    urn: "urn:pulumi:dev::p::a:b:C::c",
    type: "a:b:C",
    custom: true,
    id: "1",
    inputs: { plain: 1, secret: new Secret({ deep: ["hush", null] }), list: [new Secret("hush")] },
    outputs: { ref: new Reference("urn", "id", ""), unknown: UNKNOWN, nothing: null },
    dependencies: ["urn:x"],
    propertyDependencies: { plain: [], list: ["urn:x"] },
    customTimeouts: { create: 300 },
    initErrors: ["not ready"],
    created: "2026-01-01T00:00:00Z",
});
const state: StackState = { resources: [resource], pending: [{ type: "creating", resource }] };

function fileOf(deployment: object): string {
    return JSON.stringify({ localEngine: { note: STATE_MARKER, project: "p", stack: "dev" }, version: 3, deployment });
}

describe("a state file", () => {
    test("holds everything, and no secret", async () => {
        const crypter = await Crypter.create("phrase");
        const text = fileOf(writeDeployment(state, crypter.salt, sealedBy(crypter), new Date(0)));
        expect(text).not.toContain("hush");
        const opened = await Crypter.open("phrase", crypter.salt);
        expect(readState(parseStateFile(text, "x"), opened)).toEqual(state);
    });

    test("changes only where the state did", async () => {
        const crypter = await Crypter.create("phrase");
        const write = (): string =>
            JSON.stringify(writeDeployment(state, crypter.salt, sealedBy(crypter), new Date(0)));
        expect(write()).toBe(write());
    });

    test("is exported in the clear where that is asked for", async () => {
        const exported = JSON.stringify(writeDeployment(state, "salt", inTheClear, new Date(0)));
        expect(exported).toContain(String.raw`"plaintext":"{\"deep\":[\"hush\",null]}"`);
    });

    test("is opened by its passphrase only", async () => {
        const { salt } = await Crypter.create("phrase");
        await expect(Crypter.open("other", salt)).rejects.toThrow(StateFileError);
        await expect(Crypter.open("phrase", "v2:x")).rejects.toThrow("unknown version");
    });

    test("is not taken from anyone but this engine", () => {
        expect(() => parseStateFile("{", "f")).toThrow("the state file f is not JSON");
        const foreign = { version: 3, deployment: { manifest: {}, resources: [] } };
        expect(() => parseStateFile(JSON.stringify(foreign), "f")).toThrow("was not written by the local engine");
        expect(() => parseStateFile(fileOf({ resources: 1 }), "f")).toThrow("is damaged");
        expect(() => parseStateFile("[]", "f")).toThrow(StateFileError);
    });

    test("notices a secret that was changed", async () => {
        const crypter = await Crypter.create("phrase");
        const text = fileOf(writeDeployment(state, crypter.salt, sealedBy(crypter), new Date(0)));
        const broken = text.replace(/"ciphertext":"(v1:[^:]+:)./, '"ciphertext":"$1#');
        expect(() => readState(parseStateFile(broken, "f"), crypter)).toThrow("cannot be decrypted");
    });
});

describe("on disk", () => {
    test("it is replaced as a whole, for its owner's eyes only", async () => {
        const file = join(folder, "state.json");
        await replaceFile(file, "one");
        await replaceFile(file, "two");
        expect(readFileSync(file, "utf8")).toBe("two");
        expect(readdirSync(folder)).toEqual(["state.json"]);
    });

    test("a place that cannot be written to is an error", async () => {
        await expect(replaceFile(join(folder, "no", "state.json"), "x")).rejects.toThrow(StateFileError);
    });
});

describe("a stack on a file", () => {
    const open = (stackFile: string, more: { stackName?: string; passphrase?: string } = {}): Promise<LocalStack> =>
        LocalStack.createOrSelect(
            { stackName: more.stackName ?? "dev", projectName: "p", program: async () => ({}) },
            { stateFile: stackFile, passphrase: more.passphrase ?? "phrase" },
        );

    test("goes on from it, and leaves another's alone", async () => {
        const file = join(folder, "state.json");
        const first = await open(file);
        expect(readFileSync(file, "utf8")).toContain(STATE_MARKER);
        await first.up();
        const [stack] = (await (await open(file)).exportStack()).deployment.resources;
        expect(stack).toMatchObject({ urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev" });

        await expect(open(file, { passphrase: "other" })).rejects.toThrow("the passphrase is not the one");
        await expect(open(file, { stackName: "prod" })).rejects.toThrow(ProjectError);
        const foreign = join(folder, "foreign.json");
        writeFileSync(foreign, '{"version":3,"deployment":{}}');
        await expect(open(foreign)).rejects.toThrow("was not written by the local engine");
        expect(readFileSync(foreign, "utf8")).toBe('{"version":3,"deployment":{}}');
    });

    test.each(["", "\n"])("does not begin anew where its file has become empty: %j", async (text) => {
        const file = join(folder, "state.json");
        writeFileSync(file, text);
        const failure = await open(file).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(StateFileError);
        expect(String(failure)).toContain(`the state file ${file} is empty`);
        expect(readFileSync(file, "utf8")).toBe(text);
    });

    test("is refused at once where its file cannot be written", async () => {
        await expect(open(join(folder, "no", "state.json"))).rejects.toThrow(StateFileError);
    });

    test("needs a passphrase", async () => {
        const program = async () => ({});
        const asked = LocalStack.createOrSelect({ stackName: "dev", projectName: "p", program }, { stateFile: "x" });
        await expect(asked).rejects.toThrow("needs a passphrase");
    });
});

describe("configuration", () => {
    test("is set, given and removed, under the project's name where no other is said", async () => {
        const program = async () => ({});
        const stack = await LocalStack.createOrSelect({ stackName: "dev", projectName: "p", program });
        await stack.setAllConfig({ a: { value: "1" }, "xai:key": { value: "2", secret: true } });
        expect(await stack.getConfig("a")).toEqual({ value: "1", secret: false });
        expect(await stack.getAllConfig()).toEqual({
            "p:a": { value: "1", secret: false },
            "xai:key": { value: "2", secret: true },
        });
        await stack.removeConfig("p:a");
        await expect(stack.getConfig("a")).rejects.toThrow('configuration key "a" not found');
        await stack.dispose();
    });
});

describe("the journal", () => {
    const named = (urn: string) => resourceState({ urn, type: "t", custom: true });

    test("holds what was made before what is left, and what is under way", async () => {
        const [old, kept, made] = [named("old"), named("kept"), named("made")];
        let saves = 0;
        const journal = new Journal({ resources: [old, kept], pending: [] }, async () => void saves++);
        await journal.begin(made, "creating");
        expect(journal.current()).toEqual({ resources: [old, kept], pending: [{ type: "creating", resource: made }] });
        await journal.end(made, old, made);
        expect(journal.current()).toEqual({ resources: [made, kept], pending: [] });
        expect(saves).toBe(2);
    });

    test("keeps word of creations that an earlier engine did not finish", () => {
        const pending = (["creating", "updating"] as const).map((type) => ({ type, resource: named(type) }));
        const journal = new Journal({ resources: [], pending }, async () => {});
        expect(journal.current().pending.map(({ type }) => type)).toEqual(["creating"]);
    });
});

test("writings that wait for each other are done as one, and none is missed", async () => {
    let current = 0;
    const written: number[] = [];
    const writer = new StateWriter(async () => {
        const value = current;
        await new Promise((resolve) => setTimeout(resolve, 5));
        written.push(value);
    });
    const saves: Promise<void>[] = [];
    for (current = 1; current < 10; current++)
        saves.push(writer.save().then(() => expect(written.at(-1)).toBeTruthy()));
    await Promise.resolve();
    await Promise.all(saves);
    current = 10;
    await writer.save();
    expect(written.at(-1)).toBe(10);
    expect(written.length).toBeLessThan(5);
});
