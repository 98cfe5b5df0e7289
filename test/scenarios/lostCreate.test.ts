import { expect } from "vitest";
import { scenarios } from "../engine/scenario.js";
import { oneKey } from "./oneKey.js";

scenarios("a create whose answer was lost", (scenario) => {
    scenario("is taken over under the default name, and the stack is whole", { always: true }, async (s) => {
        s.emulator.inject({ operation: "createApiKey", cut: "after" });
        const { outputs, output } = await s.up(oneKey());
        const { apiKey, apiKeyId } = s.key("search");
        expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
        expect(output).toContain(`API key ${apiKeyId}, created at`);
        expect(output).toContain("was taken over");
        expect((await s.preview()).changes).toEqual({ same: 2 });
        expect((await s.refresh()).changes).toEqual({ same: 2 });
        await s.destroy();
        expect(s.emulator.keys()).toEqual([]);
    });

    scenario(
        "is replaced where the server can neither give the key a secret nor delete it just then",
        { emulator: { dialect: { rotation: false } } },
        async (s) => {
            s.emulator.inject({ operation: "createApiKey", cut: "after" });
            s.emulator.inject({ operation: "deleteApiKey", status: 403 });
            const failure = await s.failure(s.up(oneKey()));
            const { apiKeyId } = s.key("search");
            expect(failure.replaceAll(/\s+/g, " ")).toContain(`API key ${apiKeyId} was created, but`);
            expect((await s.preview()).changes).toEqual({ same: 1, replace: 1 });
            const { outputs } = await s.up();
            const { apiKey, apiKeyId: id } = s.key("search");
            expect(id).not.toBe(apiKeyId);
            expect(outputs["secret"]).toEqual({ value: apiKey, secret: true });
            expect((await s.preview()).changes).toEqual({ same: 2 });
        },
    );

    scenario("is named and left alone under a name that the program gives", {}, async (s) => {
        s.emulator.inject({ operation: "createApiKey", cut: "after" });
        const failure = await s.failure(s.up(oneKey({ name: "my-search" })));
        const { apiKeyId, previousApiKeys } = s.key("search");
        expect(failure.replaceAll(/\s+/g, " ")).toContain(`API key ${apiKeyId} may be what it made`);
        expect(previousApiKeys).toEqual([]);
    });
});

scenarios("the default name", (scenario) => {
    scenario("is told to the provider, stands in no state, and makes no difference by itself", {}, async (s) => {
        await s.up(oneKey());
        const { inputs, outputs } = await s.resource("search");
        expect(Object.keys({ ...inputs, ...outputs })).not.toContain("__defaultName");
        expect((await s.preview(oneKey({ name: "shop-test-search" }))).changes).toEqual({ same: 2 });
        expect((await s.up()).changes).toEqual({ same: 2 });
        expect((await s.up(oneKey())).changes).toEqual({ same: 2 });
    });
});
