import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Emulator, type EmulatorOptions, startEmulator } from "xai-management-emulator";
import { Disk } from "./disk.js";
import { Gate } from "./gate.js";
import { MARK } from "./processes.js";

const ROOT = resolve(__dirname, "../..");

/** A key as the program of a place declares it. */
export interface WantedKey {
    readonly name: string;
    /** The component that it is in, if any. */
    readonly component?: string;
    readonly qpm: number;
    readonly disabled?: boolean;
}

/** The program: it declares what stands in a file beside it, so that it changes without being written anew. */
const PROGRAM = `"use strict";
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const xai = require("pulumi-xai");
class Group extends pulumi.ComponentResource {
    constructor(name) { super("death:Group", name); }
}
const groups = {};
for (const { name, component, ...args } of JSON.parse(readFileSync("keys.json", "utf8"))) {
    const parent = component && (groups[component] ??= new Group(component));
    new xai.XaiApiKey(name, { acls: ["api-key:model:*", "api-key:endpoint:*"], ...args }, { parent });
}
`;

/** Where one test happens: an emulator behind a gate, a program in a folder, and room for an engine's files. */
export class Place {
    /** In the environment of everything that the test starts. */
    readonly mark = randomUUID();
    readonly folder = mkdtempSync(join(tmpdir(), "pulumi-xai-death-"));
    readonly programFolder = join(this.folder, "program");
    /** Where the engine keeps the state. */
    readonly stateFolder: string;
    /** Where everything puts its temporary files. */
    readonly temporaryFolder = join(this.folder, "tmp");
    /** What the state is kept on, where the place has a disk for it. */
    readonly disk: Disk | undefined;
    #wanted: readonly WantedKey[] = [];

    private constructor(
        readonly emulator: Emulator,
        readonly gate: Gate,
        hasDisk: boolean,
    ) {
        this.disk = hasDisk ? Disk.mount(join(this.folder, "disk")) : undefined;
        this.stateFolder = join(this.disk?.folder ?? this.folder, "state");
        for (const folder of [this.programFolder, this.stateFolder, this.temporaryFolder]) {
            mkdirSync(folder);
        }
    }

    /** Makes one; `hasDisk`: the state has a disk of its own. */
    static async open({ hasDisk = false, ...options }: EmulatorOptions & { hasDisk?: boolean } = {}): Promise<Place> {
        const emulator = await startEmulator(options);
        const place = new Place(emulator, await Gate.before(emulator.url), hasDisk);
        symlinkSync(join(ROOT, "node_modules"), join(place.programFolder, "node_modules"));
        place.#write(
            "Pulumi.yaml",
            "name: shop\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n",
        );
        place.#write("package.json", "{}");
        place.#write("index.js", PROGRAM);
        place.wanted = [];
        return place;
    }

    /** The keys that the program declares. */
    get wanted(): readonly WantedKey[] {
        return this.#wanted;
    }

    set wanted(keys: readonly WantedKey[]) {
        this.#wanted = keys;
        this.#write("keys.json", JSON.stringify(keys));
    }

    /** The environment of the engine and of everything that it starts. */
    get environment(): Record<string, string> {
        return { [MARK]: this.mark, TMPDIR: this.temporaryFolder };
    }

    /** The stack's configuration; of it `xai:managementKey` is a secret. */
    get config(): Record<string, string> {
        return {
            "xai:managementKey": this.emulator.managementKey,
            "xai:teamId": this.emulator.teamId,
            "xai:baseUrl": this.gate.url,
        };
    }

    async close(): Promise<void> {
        await this.gate.close();
        await this.emulator.close();
        this.disk?.unmount();
        rmSync(this.folder, { recursive: true, force: true });
    }

    #write(name: string, text: string): void {
        writeFileSync(join(this.programFolder, name), text);
    }
}
