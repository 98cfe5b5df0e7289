import { expect, test } from "vitest";
import { PROVIDER_TEXT } from "./dynamicHost.js";
import { requestsOf } from "./emulators.js";
import { shareHost } from "./sharedHost.js";
import { ACLS, ARGS, create, failureOf, only, refresh, update } from "./stack.js";

const shared = shareHost();

test("a delete that is told the outputs alone switches the key off with one masked update of the whole object", async () => {
    const { emulator, host } = shared;
    const { id, outputs, inputs } = await create(host, { ...ARGS, qpm: 7, onDelete: "disable" });
    expect(inputs).toMatchObject({ onDelete: "disable" });
    expect(outputs).toMatchObject({ onDelete: "disable", __provider: PROVIDER_TEXT });
    emulator.clearRequests();
    await host.delete(id, outputs);
    expect(emulator.countRequests()).toEqual({ updateApiKey: 1 });
    expect(only(requestsOf(emulator, "updateApiKey")).body).toMatchObject({
        apiKey: { apiKeyId: id, name: "search", aclStrings: ACLS, qpm: 7, disabled: true },
        fieldMask: "disabled",
    });
    expect(emulator.key(id)).toMatchObject({ disabled: true, apiKey: outputs["apiKey"] });
});

test("the argument comes and goes without a request, and stays through a drift", async () => {
    const { emulator, host } = shared;
    const plain = await create(host);
    emulator.clearRequests();
    const kept = await update(host, plain, { ...ARGS, onDelete: "disable" });
    expect(kept.outputs).toEqual({ ...plain.outputs, onDelete: "disable" });
    expect((await update(host, kept, { ...ARGS, onDelete: null })).outputs).toEqual(plain.outputs);
    expect(emulator.countRequests()).toEqual({});
    emulator.changeKey(plain.id, { qps: 9 });
    const { resource } = await refresh(host, kept);
    expect(resource).toMatchObject({ inputs: { onDelete: "disable", qps: 9 }, outputs: { onDelete: "disable" } });
});

test("a delete that is refused says which key, and leaves it as it is", async () => {
    const { emulator, host } = shared;
    const { id, outputs } = await create(host, { ...ARGS, onDelete: "disable" });
    emulator.inject({ operation: "updateApiKey", status: 403 });
    const failure = await failureOf(host.delete(id, outputs));
    expect(failure.message).toContain(`update disabled of API key ${id}`);
    expect(failure.message).not.toContain("    at ");
    expect(emulator.key(id)).toMatchObject({ disabled: false });
});
