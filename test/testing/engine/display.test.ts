import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, expect, test } from "vitest";
import { Display } from "../../../sdk/testing/engine/display.js";
import { renderOutputs, renderSummary, rowInfo } from "../../../sdk/testing/engine/displayParts.js";
import { Events } from "../../../sdk/testing/engine/events.js";
import { resourceState } from "../../../sdk/testing/engine/resource.js";
import { step } from "../../../sdk/testing/engine/steps.js";
import { Secret, UNKNOWN, type ValueMap } from "../../../sdk/testing/engine/values.js";

const STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
const THING = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/test:Thing::a";
const PROVIDER = "urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::default";

const stack = (outputs: ValueMap) => resourceState({ urn: STACK, type: "pulumi:pulumi:Stack", custom: false, outputs });
const thing = (inputs: ValueMap) =>
    resourceState({ urn: THING, type: "pulumi-nodejs:dynamic/test:Thing", custom: true, inputs });

/** What is printed, without how long things took. */
function printed(kind: "preview" | "update", act: (events: Events) => void, secrets: readonly string[] = []): string {
    let text = "";
    const display = new Display(kind, "dev", (more) => {
        text += more;
    });
    act(new Events(kind === "preview", secrets, (event) => display.show(event)));
    return text.replaceAll(/\(\d+(\.\d+)?s\)/g, "(0s)");
}

test("an update reads as the CLI's does", () => {
    const text = printed("update", (events) => {
        const root = step("same", STACK, { old: stack({ gone: 1, kept: "k" }), next: stack({}) });
        events.begins(root);
        events.diagnostic("info", "hello");
        const provider = resourceState({ urn: PROVIDER, type: "pulumi:providers:pulumi-nodejs", custom: true });
        events.begins(step("create", PROVIDER, { next: provider }));
        const next = thing({ a: 2, more: 1 });
        const update = step("update", THING, { old: thing({ a: 1, gone: 1 }), next });
        events.begins(update);
        events.diagnostic("warning", "careful\nvery", { urn: THING });
        events.diagnostic("info", "half done", { urn: THING, ephemeral: true });
        events.outputs(update, "update", next);
        events.count("update", THING);
        events.count("same", STACK);
        events.count("create", PROVIDER);
        const outputs = stack({ kept: "k", longer: { b: new Secret("x"), a: [1, UNKNOWN] } });
        events.outputs({ ...root, next: outputs }, "same", outputs);
        events.summary(1.2);
    });
    expect(text).toBe(
        `Updating (dev):

    pulumi:pulumi:Stack p-dev running
    pulumi:pulumi:Stack p-dev hello
 ~  pulumi-nodejs:dynamic/test:Thing a updating (0s) [diff: +more-gone~a]
    pulumi-nodejs:dynamic/test:Thing a warning: careful
    pulumi-nodejs:dynamic/test:Thing a half done
 ~  pulumi-nodejs:dynamic/test:Thing a updated (0s) [diff: +more-gone~a]
Diagnostics:
  pulumi:pulumi:Stack (p-dev):
    hello

  pulumi-nodejs:dynamic/test:Thing (a):
    warning: careful
    very

Outputs:
  - gone  : 1
    kept  : "k"
  + longer: {
        a: [
            [0]: 1
            [1]: [unknown]
        ]
        b: [secret]
    }

Resources:
    ~ 1 updated
    1 unchanged

Duration: 2s
`.replace("[diff: +more-gone]", "[diff: -a,gone]"),
    );
});

test("a preview says what would be", () => {
    const text = printed("preview", (events) => {
        const create = step("create", THING, { next: thing({}) });
        events.begins(create);
        events.outputs(create, "create", thing({}));
        events.count("create", THING);
        events.summary(1);
    });
    expect(text).toBe(`Previewing update (dev):

 +  pulumi-nodejs:dynamic/test:Thing a create
Resources:
    + 1 to create
`);
});

test("a failure is counted", () => {
    const text = printed("update", (events) => {
        const create = step("create", THING, { next: thing({}) });
        events.begins(create);
        events.diagnostic("error", "no", { urn: THING });
        events.failed(create, 0);
        events.summary(1);
    });
    expect(text).toContain(" +  pulumi-nodejs:dynamic/test:Thing a **creating failed**\n");
    expect(text).toContain("    error: no\n");
    expect(text).toContain("Resources:\n    1 errored\n");
});

test("no event shows a secret, marked or of the configuration", () => {
    const seen: EngineEvent[] = [];
    const events = new Events(false, ["hunter2", "ab"], (event) => seen.push(event));
    events.begins(step("create", THING, { next: thing({ a: new Secret("hush"), b: "has hunter2", c: "ab" }) }));
    events.diagnostic("error", "hunter2 leaked");
    const text = JSON.stringify(seen);
    expect(text).not.toMatch(/hush|hunter2/);
    expect(text).toContain('"c":"ab"');
    expect(events.diagnostics).toEqual([{ severity: "error", message: "[secret] leaked" }]);
    expect(seen.map(({ sequence }) => sequence)).toEqual([0, 1]);
});

test("a secret that begins as another one does leaves no rest in sight", () => {
    const events = new Events(false, ["xai-1", "xai-1-more"], () => {});
    events.diagnostic("info", "xai-1-more and xai-1");
    expect(events.diagnostics).toEqual([{ severity: "info", message: "[secret] and [secret]" }]);
});

describe("parts", () => {
    test("a summary counts kinds of changes, and changes where there are several kinds", () => {
        expect(renderSummary({ create: 1, replace: 2, same: 3 }, false, 0)).toBe(
            "Resources:\n    + 1 created\n    +-2 replaced\n    3 changes. 3 unchanged\n",
        );
        expect(renderSummary({ same: 3 }, true, 0)).toBe("Resources:\n    3 unchanged\n");
        expect(renderSummary({}, true, 0)).toBe("Resources:\n");
    });

    test("the provider's own text is no difference worth a word", () => {
        const state = { type: "t", urn: "u", id: "", parent: "", outputs: {}, provider: "" };
        const old = { ...state, inputs: { __provider: "a", x: 1 } };
        const metadata = {
            op: "update",
            urn: "u",
            type: "t",
            provider: "",
            old,
            new: { ...old, inputs: { __provider: "b", x: 1 } },
        };
        expect(rowInfo({ ...metadata, op: "update" })).toBe("");
    });

    test("a stack without outputs shows none", () => {
        expect(renderOutputs({ op: "create", urn: STACK, type: "t", provider: "" })).toBe("");
    });
});
