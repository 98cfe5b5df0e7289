import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { docOf, parameterDoc } from "./docs.js";
import { type ObjectSpec, objectSpec, type Spec, Types } from "./types.js";

/** The Pulumi schema of the package, made from the types and the documentation of the SDK: each fact has one place. */

const ROOT = resolve(__dirname, "../..");

/** The files of the SDK that the schema is made from. */
const FILES = ["apiKeyArgs", "apiKeyResource", "keys", "managementKey", "models", "native/apiKey", "native/provider"];

/** The properties that are secrets in every program. */
const SECRETS: ReadonlySet<string> = new Set(["apiKey", "existingSecret", "managementKey"]);

/** The schema as the file `schema.json` holds it. */
export function schemaText(): string {
    return `${JSON.stringify(schema(), null, 2)}\n`;
}

function schema(): Spec {
    const files = FILES.map((name) => {
        const path = join(ROOT, "sdk", `${name}.ts`);
        return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
    });
    const types = new Types(files);
    const settings = types.object("ProviderArgs").properties;
    const inputs = types.object("XaiApiKeyArgs");
    const resource = classNamed(files, "ApiKeyResource");
    const outputs = objectSpec([...resource.members], "XaiApiKey", types);
    const { description, homepage, license, version } = manifest();
    return {
        name: "xai",
        version,
        displayName: "xAI",
        description,
        license,
        ...(homepage && { homepage }),
        keywords: ["category/infrastructure", "kind/native"],
        language: { nodejs: { packageName: "pulumi-xai/native" }, python: { pyproject: { enabled: true } } },
        config: { variables: marked(settings) },
        provider: {
            description: docOf(classNamed(files, "Provider")),
            inputProperties: marked(settings),
            properties: {},
        },
        resources: {
            "xai:index:XaiApiKey": {
                description: docOf(classNamed(files, "XaiApiKey")),
                inputProperties: marked(inputs.properties),
                requiredInputs: inputs.required,
                ...marked(outputs),
                stateInputs: { type: "object", properties: types.object("XaiApiKeyState").properties },
                aliases: [{ type: "pulumi-nodejs:dynamic/xai:ApiKey" }],
            },
        },
        functions: Object.fromEntries(files.flatMap((file) => functionsIn(file, types))),
        types: types.used,
    };
}

/** Object specs and maps of properties with the secrets among them marked. */
function marked<T extends ObjectSpec | Record<string, Spec>>(specs: T): T {
    const mark = (properties: Record<string, Spec>) =>
        Object.fromEntries(
            Object.entries(properties).map(([name, spec]) => [
                name,
                SECRETS.has(name) ? { ...spec, secret: true } : spec,
            ]),
        );
    return "properties" in specs
        ? { ...specs, properties: mark(Object(specs.properties)) }
        : Object(mark(Object(specs)));
}

function classNamed(files: readonly ts.SourceFile[], name: string): ts.ClassDeclaration {
    const found = files.flatMap((file) => [...file.statements]).filter(ts.isClassDeclaration);
    const wanted = found.find((one) => one.name?.text === name);
    if (wanted === undefined) {
        throw new Error(`The SDK has no class ${name}.`);
    }
    return wanted;
}

/** The functions of a file, but for their twins for outputs. */
function functionsIn(file: ts.SourceFile, types: Types): [string, Spec][] {
    return file.statements.filter(ts.isFunctionDeclaration).flatMap((declaration): [string, Spec][] => {
        const name = declaration.name?.text ?? "";
        return name.endsWith("Output") ? [] : [[`xai:index:${name}`, functionSpec(declaration, types)]];
    });
}

function functionSpec(declaration: ts.FunctionDeclaration, types: Types): Spec {
    const properties: Record<string, Spec> = {};
    const required: string[] = [];
    for (const parameter of declaration.parameters) {
        const { name, type } = parameter;
        if (name.getText() === "args" && type !== undefined) {
            const object = types.object(type.getText());
            Object.assign(properties, object.properties);
            required.push(...(object.required ?? []));
        } else if (type !== undefined) {
            properties[name.getText()] = { ...types.spec(type, ""), description: parameterDoc(parameter) };
            required.push(name.getText());
        }
    }
    const result = declaration.type;
    const [answer] = result !== undefined && ts.isTypeReferenceNode(result) ? (result.typeArguments ?? []) : [];
    if (answer === undefined) {
        throw new Error(`${declaration.name?.text} has no result.`);
    }
    return {
        description: docOf(declaration),
        inputs: { type: "object", properties, required },
        outputs: { type: "object", ...types.object(answer.getText()) },
    };
}

function manifest(): { description: string; homepage?: string; license: string; version: string } {
    return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}
