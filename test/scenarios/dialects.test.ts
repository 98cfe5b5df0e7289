import * as xai from "pulumi-xai";
import { expect } from "vitest";
import type { Dialect } from "xai-management-emulator";
import { scenarios } from "../engine/scenario.js";

/**
 * A covering set of the published dialects: every value of every choice stands in at least one of them, and the choices
 * that meet in one request (route, spelling, unknown paths, what becomes of values) in as many pairs as eight can hold.
 */
const DIALECTS: readonly Dialect[] = [
    dialect({ updateRoute: "guide", maskSpelling: "camel", unknownMaskPaths: "refused", values: "kept" }),
    dialect({
        updateRoute: "guide",
        maskSpelling: "snake",
        unknownMaskPaths: "ignored",
        values: "normalised",
        answerSpelling: "acl_strings",
        errorBody: "error.message",
        tpmAs: "number",
    }),
    dialect({
        updateRoute: "guide",
        maskSpelling: "snake",
        unknownMaskPaths: "refused",
        values: "kept",
        disabledAs: "string",
        unsetAs: "null",
        validation: false,
        errorBody: "error",
    }),
    dialect({
        updateRoute: "reference",
        maskSpelling: "camel",
        unknownMaskPaths: "ignored",
        values: "normalised",
        missingRoute: 405,
        redaction: "stars",
        unsetAs: "null",
    }),
    dialect({
        updateRoute: "reference",
        maskSpelling: "snake",
        unknownMaskPaths: "refused",
        values: "normalised",
        missingRoute: 501,
        answerSpelling: "acl_strings",
        disabledAs: "string",
        errorBody: "text",
    }),
    dialect({
        updateRoute: "reference",
        maskSpelling: "snake",
        unknownMaskPaths: "ignored",
        values: "kept",
        missingRoute: 404,
        tpmAs: "number",
        rotation: false,
    }),
    dialect({
        updateRoute: "both",
        maskSpelling: "both",
        unknownMaskPaths: "ignored",
        values: "normalised",
        disabledAs: "string",
        maxPageSize: 2,
    }),
    dialect({
        updateRoute: "both",
        maskSpelling: "snake",
        unknownMaskPaths: "ignored",
        values: "kept",
        unsetAs: "null",
        redaction: "stars",
        errorBody: "html",
        rotation: false,
    }),
];

function dialect(choices: Partial<Dialect>): Dialect {
    return {
        updateRoute: "both",
        missingRoute: 404,
        maskSpelling: "both",
        answerSpelling: "aclStrings",
        disabledAs: "boolean",
        unsetAs: "absent",
        tpmAs: "string",
        unknownMaskPaths: "refused",
        values: "kept",
        redaction: "dots",
        rotation: true,
        validation: true,
        validationOmits: [],
        maxPageSize: 100,
        errorBody: "message",
        ...choices,
    };
}

const program =
    (args: Omit<xai.XaiApiKeyArgs, "acls">, ...acls: string[]) =>
    async () => {
        const key = new xai.XaiApiKey("search", { ...args, acls });
        return { secret: key.apiKey };
    };

/** The two that differ most from what the other scenarios meet. */
const ALWAYS = [1, 3];

scenarios("a key's whole life in a dialect", (scenario) => {
    for (const [index, one] of DIALECTS.entries()) {
        const title = `${index + 1}: route ${one.updateRoute}, mask ${one.maskSpelling}, unknown paths ${one.unknownMaskPaths}, values ${one.values}`;
        scenario(title, { emulator: { dialect: one }, ...(ALWAYS.includes(index) && { always: true }) }, async (s) => {
            for (const name of ["a stranger's", "another stranger's", "a third stranger's"]) {
                s.emulator.addKey({ name });
            }
            const first = { qps: 5, qpm: 100, tpm: 50_000, expireTime: "2031-01-01T00:00:00+02:00" };
            const created = await s.up(program(first, xai.acl.endpoint("chat"), xai.acl.model("grok-4")));
            const { apiKeyId, apiKey } = s.key("search");
            expect(created.outputs["secret"]).toEqual({ value: apiKey, secret: true });
            expect((await s.preview()).changes).toEqual({ same: 2 });
            expect((await s.refresh()).changes).toEqual({ same: 2 });
            expect((await s.preview()).changes).toEqual({ same: 2 });

            const second = { qps: 5, qpm: 200, expireTime: "2032-06-01T12:00:00.123456789Z", disabled: true };
            const acls = [xai.acl.model("grok-2-image"), xai.acl.endpoint("image"), xai.acl.model("grok-3")];
            expect((await s.up(program(second, ...acls))).changes).toEqual({ same: 1, update: 1 });
            const held = s.key("search");
            expect(held).toMatchObject({ apiKeyId, qps: 5, qpm: 200, tpm: null, disabled: true });
            const image = one.values === "normalised" ? "grok-2-image-1212" : "grok-2-image";
            expect(new Set(held.acls)).toEqual(
                new Set([`api-key:model:${image}`, "api-key:endpoint:image", "api-key:model:grok-3"]),
            );
            expect(Date.parse(held.expireTime ?? "")).toBe(Date.parse("2032-06-01T12:00:00.123Z"));
            expect((await s.preview()).changes).toEqual({ same: 2 });

            s.emulator.changeKey(apiKeyId, { qpm: null, acls: ["api-key:model:*", "api-key:endpoint:*"] });
            expect((await s.refresh()).changes).toEqual({ same: 1, update: 1 });
            await s.up();
            expect(s.key("search")).toEqual({ ...held, modifyTime: expect.any(String) });
            expect((await s.refresh()).changes).toEqual({ same: 2 });

            await s.destroy();
            expect(s.emulator.keys()).toHaveLength(3);
        });
    }
});
