import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "xai-management-emulator";
import * as xai from "pulumi-xai/native";
import { configFor } from "../engine/config.js";
import { createStack } from "../engine/testStack.js";
process.on("unhandledRejection", (e) => console.log("UNHANDLED", e));
const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];
class Consumer extends pulumi.dynamic.Resource { constructor(name: string, input: any) { super({ create: async (i: any) => ({ id: "c", outs: i }), update: async (_: any, __: any, n: any) => ({ outs: n }), } as any, name, { input }); } }
async function main() {
    const emulator = await startEmulator();
    const events: any[] = [];
    const stack = await createStack({ config: configFor(emulator), native: true, onEvent: (e: any) => events.push(e) } as any);
    const ops = () => { const o = events.filter((e) => e.resourcePreEvent).map((e) => `${e.resourcePreEvent.metadata.urn.split("::").pop()}:${e.resourcePreEvent.metadata.op} ${JSON.stringify(e.resourcePreEvent.metadata.detailedDiff ?? "")}`); const d = events.filter((e) => e.diagnosticEvent && e.diagnosticEvent.severity !== "debug" && !e.diagnosticEvent.message.startsWith("using pulumi-res")).map((e) => `   DIAG ${e.diagnosticEvent.severity} ${e.diagnosticEvent.ephemeral ? "eph" : ""} ${e.diagnosticEvent.urn} ${e.diagnosticEvent.message}`); events.length = 0; return [...o, ...d].join("\n"); };
    const program = (args: any, opts: any = {}) => async () => {
        const key = new xai.XaiApiKey("search", { acls: ACLS, qpm: 100, ...args }, opts);
        new Consumer("ofSecret", key.apiKey);
        new Consumer("ofRedacted", key.redactedApiKey);
        new Consumer("ofUnset", key.tpm);
        return { models: xai.getModelOutput("grok-4").acl };
    };
    const step = async (what: string, run: () => Promise<any>) => { const t = Date.now(); try { const r = await run(); console.log(`## ${what} ${Date.now() - t}ms`, JSON.stringify(r.changes)); } catch (e) { console.log(`## ${what} FAILED`, String(e).slice(0, 3000)); } console.log(ops()); };
    stack.program = program({});
    await step("preview", () => stack.preview());
    await step("up", () => stack.up());
    await step("preview noop", () => stack.preview());
    stack.program = program({ qpm: 101 });
    await step("preview limit", () => stack.preview());
    await step("up limit", () => stack.up());
    await step("refresh", () => stack.refresh());
    stack.program = program({ qpm: 101, rotation: { triggers: { a: 1 } } });
    await step("up trig", () => stack.up());
    stack.program = program({ qpm: 101, acls: [ACLS[0], "api-key:endpoint:*"], rotation: { triggers: { a: 2 } } });
    await step("preview rotation+acls", () => stack.preview());
    await step("up rotation", () => stack.up());
    await step("preview noop", () => stack.preview());
    
    await step("destroy", () => stack.destroy());
    await stack.dispose(); await emulator.close();
}
void main();
