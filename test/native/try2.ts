import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "xai-management-emulator";
import * as xai from "pulumi-xai/native";
import * as dyn from "pulumi-xai";
import { configFor } from "../engine/config.js";
import { createStack } from "../engine/testStack.js";
process.on("unhandledRejection", (e) => console.log("UNHANDLED", e));
const ACLS = ["api-key:model:grok-4", "api-key:endpoint:chat"];
async function main() {
    const emulator = await startEmulator();
    const events: any[] = [];
    const only = process.argv[2] ?? "";
    const stack = await createStack({ config: configFor(emulator), native: true, onEvent: (e: any) => events.push(e) } as any);
    const ops = () => { const o = events.filter((e) => e.resourcePreEvent).map((e) => `${e.resourcePreEvent.metadata.urn.split("::").slice(-2).join("::")}:${e.resourcePreEvent.metadata.op} ${JSON.stringify(e.resourcePreEvent.metadata.detailedDiff ?? "")}`).filter((l)=>!l.includes(':same ""')); const d = events.filter((e) => e.diagnosticEvent && e.diagnosticEvent.severity !== "debug" && !e.diagnosticEvent.message.startsWith("using pulumi-res")).map((e) => `   DIAG ${e.diagnosticEvent.severity} ${e.diagnosticEvent.ephemeral ? "eph" : ""} ${(e.diagnosticEvent.urn??"").split("::").slice(-2).join("::")} ${e.diagnosticEvent.message.trim()}`); events.length = 0; return [...o, ...d].join("\n"); };
    const step = async (what: string, run: () => Promise<any>) => { const t = Date.now(); try { const r = await run(); console.log(`## ${what} ${Date.now() - t}ms`, JSON.stringify(r?.changes)); } catch (e) { console.log(`## ${what} FAILED ${Date.now() - t}`, String(e).slice(0, 900)); } console.log(ops()); };
    const state = (n: string) => { const r = (stack.exportStack().deployment as any).resources?.find((r: any) => r.urn.endsWith("::" + n)); if (r) { delete r.stackTrace; delete r.sourcePosition; } console.log(JSON.stringify(r)); };
    const key = (args: any, opts: any = {}, m: any = xai) => async () => { new m.XaiApiKey("search", { acls: ACLS, ...args }, opts); };
    const parts: Record<string, () => Promise<void>> = {
        async bad() {
            stack.program = key({ qpm: -1, acls: ["api-key:model:grok-5"], rotation: { evry: "3d" }, foo: 1 }); await step("bad", () => stack.preview());
            stack.program = async () => { await xai.getModel("grok-44"); }; await step("bad fn", () => stack.preview());
            stack.program = async () => { const m = xai.getModelOutput(pulumi.secret("grok-44")); m.acl.apply((a) => a); }; await step("bad secret fn", () => stack.preview());
            stack.program = async () => { xai.XaiApiKey.get("s", "11111111-1111-1111-1111-111111111111"); }; await step("bad get", () => stack.preview());
        },
        async import() {
            const k = emulator.addKey({ name: "console", acls: ACLS, qpm: 7 } as any) as any;
            await step("import cli", () => (stack as any).raw.import({ resources: [{ type: "xai:index:XaiApiKey", name: "search", id: `${emulator.teamId}/${k.apiKeyId}` }], generateCode: false, protect: false }));
            state("search");
            stack.program = key({ name: "console", qpm: 7, teamId: emulator.teamId }); await step("up after import", () => stack.up());
            await step("destroy", () => stack.destroy());
            const k2 = emulator.addKey({ name: "console", acls: ACLS, qpm: 7 } as any) as any;
            stack.program = key({ name: "console", qpm: 7, existingSecret: pulumi.secret(k2.apiKey) }, { import: k2.apiKeyId });
            await step("preview import+secret", () => stack.preview());
            await step("up import+secret", () => stack.up()); state("search");
            await step("up again", () => stack.up()); await step("refresh", () => stack.refresh()); await step("preview again", () => stack.preview());
            stack.program = key({ name: "console", qpm: 7 }); await step("up without", () => stack.up());
            await step("destroy", () => stack.destroy());
            const k3 = emulator.addKey({ name: "console", acls: ACLS, qpm: 7 } as any) as any;
            stack.program = key({ name: "console", qpm: 7 }, { import: k3.apiKeyId }); await step("up import", () => stack.up()); await step("up import again", () => stack.up());
            stack.program = key({ name: "console", qpm: 8 }, { import: k3.apiKeyId }); await step("up import changed later", () => stack.up());
            await step("destroy", () => stack.destroy());
            stack.program = key({ name: "console", qpm: 7 }, { import: "11111111-1111-1111-1111-111111111111" }); await step("import missing", () => stack.up());
            await step("destroy", () => stack.destroy());
        },
        async move() {
            stack.program = key({ qpm: 5, rotation: { triggers: { a: pulumi.secret("x") } } }, {}, dyn); await step("dyn up", () => stack.up());
            stack.program = key({ qpm: 5, rotation: { triggers: { a: pulumi.secret("x") } } }); await step("native preview", () => stack.preview()); await step("native up", () => stack.up()); await step("native refresh", () => stack.refresh()); await step("native up", () => stack.up()); state("search");
            stack.program = key({ qpm: 5, rotation: { triggers: { a: pulumi.secret("x") } } }, {}, dyn); await step("dyn preview", () => stack.preview()); await step("dyn up", () => stack.up()); await step("dyn refresh", () => stack.refresh()); await step("dyn up again", () => stack.up()); state("search");
            await step("destroy", () => stack.destroy());
        },
        async moveProvider() {
            const cfg = { managementKey: pulumi.secret(emulator.managementKey), teamId: emulator.teamId, baseUrl: emulator.url };
            const old = async () => { const p = new pulumi.ProviderResource("pulumi-nodejs", "team", { "xai:managementKey": cfg.managementKey, "xai:teamId": cfg.teamId, "xai:baseUrl": cfg.baseUrl } as any, { aliases: [{ type: "pulumi:providers:xai" }] }); new dyn.XaiApiKey("search", { acls: ACLS }, { provider: p }); };
            const nat = (mk: string) => async () => { const p = new xai.Provider("team", { ...cfg, managementKey: mk, maxRetries: 3 }); new xai.XaiApiKey("search", { acls: ACLS }, { provider: p }); };
            stack.program = old; await step("dyn up", () => stack.up());
            stack.program = nat(emulator.managementKey); await step("native preview", () => stack.preview()); await step("native up", () => stack.up()); state("team");
            stack.program = nat("xai-token-" + "z".repeat(40)); await step("rotated key preview", () => stack.preview());
            stack.program = nat(emulator.managementKey); 
            stack.program = old; await step("back preview", () => stack.preview()); await step("back up", () => stack.up()); await step("back refresh", () => stack.refresh());
            await step("destroy", () => stack.destroy());
        },
        async opts() {
            stack.program = key({ qpm: 5 }, { replaceOnChanges: ["qpm"] }); await step("up", () => stack.up());
            stack.program = key({ qpm: 6 }, { replaceOnChanges: ["qpm"], deleteBeforeReplace: true }); await step("preview roc", () => stack.preview()); await step("up roc", () => stack.up());
            stack.program = key({ qpm: 7 }, { ignoreChanges: ["qpm"] }); await step("preview ignore", () => stack.preview());
            stack.program = key({ qpm: 7 }, { ignoreChanges: ["*"] }); await step("preview ignore", () => stack.preview());
            emulator.changeKey(emulator.keys()[0]!.apiKeyId, { qpm: 50, disabled: true }); await step("refresh drift", () => stack.refresh()); await step("refresh again", () => stack.refresh());
            stack.program = key({ qpm: 6, teamId: "00000000-0000-0000-0000-000000000000" }); await step("preview team", () => stack.preview());
            stack.program = key({ qpm: 6, tpm: pulumi.secret(5000), disabled: false, acls: [ACLS[0], pulumi.secret(ACLS[1])] }); await step("up secret args", () => stack.up()); state("search");
            await step("refresh", () => stack.refresh()); state("search");
            await step("destroy", () => stack.destroy());
        },
        async cancel() {
            for (let i = 0; i < 1; i++) {
            emulator.configure?.({ propagationChecks: 1000 } as any);
            }
        },
    };
    for (const [n, run] of Object.entries(parts)) if (!only || only.split(",").includes(n)) { console.log("==== " + n); await run(); }
    await stack.dispose(); await emulator.close();
}
main().catch((e) => { console.log(e); process.exit(1); });
