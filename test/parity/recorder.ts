import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Deployment, EngineEvent, OutputMap } from "@pulumi/pulumi/automation";
import { z } from "zod";
import type { Changes } from "../engines/engine.js";
import { Normaliser } from "./normalise.js";

/**
 * Records what an engine did with a scenario: the calls that the provider got, the steps and their diffs, the changes
 * that were counted, the outputs, and the state in the end. Normalised, so that two engines can be compared.
 */

/** What is recorded of one operation. What belongs to one resource stands together, in the order in which it came. */
export interface OperationRecord {
    readonly operation: string;
    readonly failed: boolean;
    readonly changes: Changes | undefined;
    readonly outputs: OutputMap | undefined;
    /** What the provider was asked, by resource. */
    readonly calls: Readonly<Record<string, readonly unknown[]>>;
    /** What was decided and how it ended, by resource. */
    readonly steps: Readonly<Record<string, readonly unknown[]>>;
    /** The warnings and errors, by resource; those of the stack itself under an empty name. */
    readonly said: Readonly<Record<string, readonly unknown[]>>;
    /** The resources of the exported state, or that it is as it was. */
    readonly state: unknown;
}

/** Something that concerns one resource. */
interface OfResource {
    readonly urn: string;
    readonly [name: string]: unknown;
}

const callSchema = z.looseObject({ operation: z.string(), urn: z.string() });

/** Records one scenario on one engine. */
export class Recorder {
    /** The environment in which the engine's dynamic host tells what it is asked. */
    readonly environment: Readonly<Record<string, string>>;
    readonly #folder = mkdtempSync(join(tmpdir(), "pulumi-xai-calls-"));
    readonly #callsFile = join(this.#folder, "calls.jsonl");
    readonly #operations: OperationRecord[] = [];
    #events: EngineEvent[] = [];
    #lastState = "";

    constructor() {
        writeFileSync(this.#callsFile, "");
        this.environment = {
            HOST_CALLS: this.#callsFile,
            NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} -r ${resolve(__dirname, "hostTap.cjs")}`.trim(),
        };
    }

    /** Takes an event of the operation under way. */
    readonly event = (event: EngineEvent): void => {
        this.#events.push(event);
    };

    /** Closes the record of an operation. */
    end(
        operation: string,
        result: { readonly changes: Changes; readonly outputs?: OutputMap } | undefined,
        { deployment }: Deployment,
    ): void {
        const calls = readFileSync(this.#callsFile, "utf8")
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => callSchema.parse(JSON.parse(line)));
        writeFileSync(this.#callsFile, "");
        const resources: { urn: string }[] = deployment.resources ?? [];
        const state = sortedByUrn(resources);
        const text = JSON.stringify(state);
        this.#operations.push({
            operation,
            failed: result === undefined,
            changes: result?.changes,
            outputs: result?.outputs,
            calls: byResource(calls),
            steps: byResource(this.#events.flatMap(stepOf)),
            said: byResource(this.#events.flatMap(saidIn).sort(byMessage)),
            state: text === this.#lastState ? "as before" : state,
        });
        this.#lastState = text;
        this.#events = [];
    }

    /**
     * The whole record so far, normalised.
     *
     * @param start - When the scenario's own clock began, in milliseconds since 1970; `undefined` where it has none.
     */
    record(start?: number): unknown {
        return new Normaliser(start).value(this.#operations);
    }

    /** Removes the file of calls, which holds secrets. */
    dispose(): void {
        rmSync(this.#folder, { recursive: true, force: true });
    }
}

/** What an event says of a step: that it begins, with which diff, or how it ended. */
function stepOf(event: EngineEvent): OfResource[] {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
    const { metadata } = resourcePreEvent ?? resOutputsEvent ?? resOpFailedEvent ?? {};
    if (metadata === undefined) {
        return [];
    }
    const { urn, op, keys, diffs } = metadata;
    // An engine without detailed diffs may say so with a null.
    const detailedDiff = metadata.detailedDiff ?? undefined;
    return [
        resourcePreEvent ? { urn, op, keys, diffs, detailedDiff } : { urn, [resOutputsEvent ? "done" : "failed"]: op },
    ];
}

/** The warning or error in an event. How many lines it leaves empty at its end is a matter of display. */
function saidIn({ diagnosticEvent }: EngineEvent): OfResource[] {
    const { urn = "", severity, message = "", ephemeral = false } = diagnosticEvent ?? {};
    const counts = !ephemeral && (severity === "warning" || severity === "error");
    return counts ? [{ urn, message: `${severity}: ${message.trimEnd()}` }] : [];
}

function byResource(entries: readonly OfResource[]): Record<string, unknown[]> {
    const all: Record<string, unknown[]> = {};
    for (const { urn, ...entry } of sortedByUrn(entries)) {
        all[urn] = [...(all[urn] ?? []), entry];
    }
    return all;
}

/** What one check says may overtake itself on the way to the engine. */
function byMessage(left: OfResource, right: OfResource): number {
    return String(left["message"]).localeCompare(String(right["message"]), "en");
}

/** Stable: what belongs to one resource keeps its order. */
function sortedByUrn<T extends { readonly urn: string }>(entries: readonly T[]): T[] {
    return [...entries].sort((left, right) => (left.urn < right.urn ? -1 : left.urn > right.urn ? 1 : 0));
}
