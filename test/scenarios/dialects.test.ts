import * as xai from "pulumi-xai";
import { expect } from "vitest";
import type { Dialect } from "xai-management-emulator";
import { scenarios } from "../engine/scenario.js";

/** The two that differ most from each other, and from what the other scenarios meet. The rest of them is played in process. */
const DIALECTS: readonly Partial<Dialect>[] = [
    {
        updateRoute: "guide",
        maskSpelling: "snake",
        unknownMaskPaths: "ignored",
        values: "normalised",
        answerSpelling: "acl_strings",
        errorBody: "error.message",
        tpmAs: "number",
    },
    {
        updateRoute: "reference",
        maskSpelling: "camel",
        unknownMaskPaths: "ignored",
        values: "normalised",
        missingRoute: 405,
        redaction: "stars",
        unsetAs: "null",
        maxPageSize: 2,
    },
];

const program =
    (args: Omit<xai.XaiApiKeyArgs, "acls">, ...acls: string[]) =>
    async () => {
        const key = new xai.XaiApiKey("search", { ...args, acls });
        return { secret: key.apiKey };
    };

scenarios("a key's whole life in a dialect", (scenario) => {
    for (const one of DIALECTS) {
        scenario(
            `with the ${one.updateRoute}'s update route and ${one.maskSpelling} masks`,
            { emulator: { dialect: one } },
            async (s) => {
                for (const name of ["a stranger's", "another stranger's", "a third stranger's"]) {
                    s.emulator.addKey({ name });
                }
                const first = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00+02:00" };
                const created = await s.up(program(first, xai.acl.endpoint("chat"), xai.acl.model("grok-4")));
                const { apiKeyId, apiKey } = s.key("search");
                expect(created.outputs["secret"]).toEqual({ value: apiKey, secret: true });
                expect((await s.refresh()).changes).toEqual({ same: 2 });

                const second = { qps: 5, qpm: 200, expireTime: "2032-06-01T12:00:00.123456789Z", disabled: true };
                const acls = [xai.acl.model("grok-2-image"), xai.acl.endpoint("image"), xai.acl.model("grok-3")];
                expect((await s.up(program(second, ...acls))).changes).toEqual({ same: 1, update: 1 });
                const held = s.key("search");
                expect(held).toMatchObject({ apiKeyId, qps: 5, qpm: 200, tpm: null, disabled: true });
                expect(new Set(held.acls)).toEqual(
                    new Set(["api-key:model:grok-2-image-1212", "api-key:endpoint:image", "api-key:model:grok-3"]),
                );
                expect(Date.parse(held.expireTime ?? "")).toBe(Date.parse("2032-06-01T12:00:00.123Z"));

                s.emulator.changeKey(apiKeyId, { qpm: null, acls: ["api-key:model:*", "api-key:endpoint:*"] });
                expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
                await s.up();
                expect(s.key("search")).toEqual({ ...held, modifyTime: expect.any(String) });
                expect((await s.refresh()).changes).toEqual({ same: 2 });

                await s.destroy();
                expect(s.emulator.keys()).toHaveLength(3);
            },
        );
    }
});
