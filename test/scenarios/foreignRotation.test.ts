import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { expectSettled, oneKey, SAME } from "./rotating.js";

scenarios("a key that someone else has rotated", (scenario) => {
    scenario(
        "is warned about by refresh, and rotated back by a changed trigger",
        { clock: true, always: true },
        async (s) => {
            const release = (version: number) => oneKey({ rotation: { triggers: { version } } });
            await s.up(release(1));
            const { apiKeyId } = s.key("search");
            s.emulator.changeKey(apiKeyId, { apiKey: `xai-${"z".repeat(80)}` });
            const refresh = await s.refresh();
            expect(refresh.output).toContain(`API key ${apiKeyId} has another secret than the stack holds`);
            expect(refresh.output).toContain("change a value in its `rotation.triggers`");
            expect((await s.preview()).changes).toEqual(SAME);
            s.clock.pass(1);
            await s.up(release(2));
            s.clock.pass(1);
            expect((await s.refresh()).output).not.toContain("another secret");
            await expectSettled(s);
        },
    );

    scenario(
        "is known by the other published form of a redacted secret as well, as far as that tells",
        { clock: true, emulator: { dialect: { redaction: "stars" } } },
        async (s) => {
            await s.up(oneKey());
            const { apiKeyId, apiKey } = s.key("search");
            const [first, last] = [apiKey.charAt(4), apiKey.slice(-1)];
            const rotatedTo = (begin: string) =>
                s.emulator.changeKey(apiKeyId, { apiKey: `xai-${begin}${"z".repeat(78)}${last}` });
            // The form shows two characters, and these are the same.
            rotatedTo(first);
            expect((await s.refresh()).output).not.toContain("another secret");
            rotatedTo(first === "y" ? "x" : "y");
            const { output, changes } = await s.refresh();
            expect(output).toContain(`API key ${apiKeyId} has another secret than the stack holds`);
            expect(changes).toEqual(SAME);
        },
    );

    scenario("is not warned about where what the API shows cannot be compared", { clock: true }, async (s) => {
        await s.up(oneKey());
        const { apiKeyId, acls, previousApiKeys: _, ...rest } = s.key("search");
        s.emulator.changeKey(apiKeyId, { apiKey: `xai-${"z".repeat(80)}` });
        for (const redactedApiKey of ["sealed", "***", "", null]) {
            const listed = { ...rest, apiKeyId, aclStrings: acls, apiKey: undefined, redactedApiKey };
            const body = JSON.stringify({ apiKeys: [listed] });
            s.emulator.inject({ operation: "listApiKeys", status: 200, body, times: 2 });
            const { output, changes } = await s.refresh();
            expect(changes).toEqual(SAME);
            expect(output).not.toMatch(/another secret|API key/);
            s.emulator.clearFaults();
        }
        expect((await s.refresh()).output).toContain(`API key ${apiKeyId} has another secret than the stack holds`);
    });
});
