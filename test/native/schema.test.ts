import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { OUTPUTS } from "../../provider/apiKey/outputs.js";
import { ARGUMENTS, FIELDS, ROTATION_PARTS } from "../../provider/fields.js";
import { ARGUMENTS as FUNCTION_ARGUMENTS } from "../../provider/team/functions/arguments.js";
import { SETTINGS } from "../../provider/team/settings.js";
import { schemaText } from "../../tools/schema/schema.js";

const propertiesSchema = z.record(z.string(), z.looseObject({ description: z.string().optional() }));
const objectSchema = z.looseObject({
    description: z.string().optional(),
    properties: propertiesSchema,
    required: z.array(z.string()).optional(),
});
const schemaSchema = z.looseObject({
    config: z.object({ variables: propertiesSchema }),
    provider: z.looseObject({ inputProperties: propertiesSchema }),
    resources: z.object({
        "xai:index:XaiApiKey": objectSchema.extend({
            inputProperties: propertiesSchema,
            requiredInputs: z.array(z.string()),
            stateInputs: objectSchema,
        }),
    }),
    functions: z.record(
        z.string(),
        z.object({ description: z.string().min(1), inputs: objectSchema, outputs: objectSchema }),
    ),
    types: z.record(z.string(), objectSchema.extend({ description: z.string().min(1) })),
});

const text = readFileSync(resolve(__dirname, "../../schema.json"), "utf8");
const { config, provider, resources, functions, types } = schemaSchema.parse(JSON.parse(text));
const key = resources["xai:index:XaiApiKey"];

describe("The schema", () => {
    test("is made from the SDK as it is: run `npm run schema` after a change", () => {
        expect(text).toBe(schemaText());
    });

    test("has the arguments and outputs of the table of fields", () => {
        expect(Object.keys(key.inputProperties).sort()).toEqual(Object.keys(ARGUMENTS).sort());
        const { properties: parts = {} } = types["xai:index:XaiApiKeyRotation"] ?? {};
        expect(Object.keys(parts).sort()).toEqual(Object.keys(ROTATION_PARTS).sort());
        expect(key.requiredInputs).toEqual(["acls"]);
        expect(Object.keys(key.properties).sort()).toEqual([...OUTPUTS].sort());
        expect(FIELDS.filter((field) => !(field in key.properties))).toEqual([]);
    });

    test("has the settings as the provider's and the stack's configuration", () => {
        expect(Object.keys(config.variables)).toEqual(Object.keys(SETTINGS));
        expect(provider.inputProperties).toEqual(config.variables);
    });

    test("has every function with its arguments", () => {
        const inputs = Object.entries(functions).map(([token, one]) => [
            token,
            Object.keys(one.inputs.properties).sort(),
        ]);
        const expected = Object.entries(FUNCTION_ARGUMENTS).map(([name, { shape }]) => [
            `xai:index:${name}`,
            Object.keys(shape).sort(),
        ]);
        expect(Object.fromEntries(inputs)).toEqual(Object.fromEntries(expected));
    });

    test("documents every property", () => {
        const objects = Object.entries({
            ...types,
            key,
            arguments: { properties: key.inputProperties },
            state: key.stateInputs,
            settings: { properties: config.variables },
            ...Object.fromEntries(Object.entries(functions).map(([token, one]) => [token, one.inputs])),
            ...Object.fromEntries(Object.entries(functions).map(([token, one]) => [`${token} →`, one.outputs])),
        });
        const silent = objects.flatMap(([owner, { properties }]) =>
            Object.entries(properties)
                .filter(([, { description = "" }]) => description === "")
                .map(([name]) => `${owner}.${name}`),
        );
        expect(silent).toEqual([]);
    });

    test("marks what is a secret in every program", () => {
        expect(key.properties["apiKey"]).toMatchObject({ secret: true });
        expect(key.inputProperties["existingSecret"]).toMatchObject({ secret: true });
        expect(config.variables["managementKey"]).toMatchObject({ secret: true });
    });
});
