import { expect, test } from "vitest";
import { emulate } from "../provider/emulators.js";

test("every secret that there ever was is known to the emulator", async () => {
    const emulator = await emulate();
    const first = emulator.managementKey;
    const gone = emulator.addKey();
    emulator.deleteKey(gone.apiKeyId);
    const rotated = emulator.addKey();
    const rotation = await fetch(`${emulator.url}/auth/api-keys/${rotated.apiKeyId}/rotate`, {
        method: "POST",
        headers: { authorization: `Bearer ${first}` },
    });
    expect(rotation.status).toBe(200);
    const renewed = emulator.changeKey(rotated.apiKeyId, { apiKey: "xai-given-by-hand" });
    emulator.setManagementKey("xai-token-second");
    const now = emulator.key(rotated.apiKeyId);
    expect(now?.previousApiKeys.map(({ apiKey }) => apiKey)).toEqual([rotated.apiKey]);
    expect(emulator.secrets()).toEqual([
        first,
        "xai-token-second",
        gone.apiKey,
        rotated.apiKey,
        expect.stringMatching(/^xai-[A-Za-z0-9]{80}$/),
        renewed.apiKey,
    ]);
});
