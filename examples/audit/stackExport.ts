/** What `pulumi stack export` says of keys. Its secrets are passed over: with `--show-secrets` they are in the clear. */
import { z } from "zod";

/** A key that a stack manages. */
export interface ManagedKey {
    readonly apiKeyId: string;
    readonly teamId: string;
    /** The logical name in the program. */
    readonly name: string;
    /** `<project>/<stack>`. */
    readonly stack: string;
    /** When the stack last gave the key a new secret: RFC 3339. */
    readonly rotatedAt?: string | undefined;
    /** What renews its secret by itself, such as `every 30d`; `undefined` for nothing. */
    readonly renewal?: string | undefined;
}

/** A property that holds a secret of xAI in the clear. */
export interface Exposure {
    /** `<project>/<stack>`. */
    readonly stack: string;
    /** The logical name of the resource; `undefined` for the outputs of the stack. */
    readonly resource?: string | undefined;
    readonly property: string;
}

/** What a report needs to know of one stack. */
export interface ManagedStack {
    readonly keys: readonly ManagedKey[];
    readonly exposures: readonly Exposure[];
}

const KEY_TYPES = ["pulumi-nodejs:dynamic/xai:ApiKey", "xai:index:XaiApiKey"];
/** Pulumi marks a secret by this property, also in an export with `--show-secrets`. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";
/** A whole secret of a key or a management key. Names have hyphens, and what the xAI Console shows has dots or stars. */
const SECRET = /\bxai-(token-)?[A-Za-z0-9]{40,}/;

// A secret value is an object here: it counts as not given.
const text = z.string().nullish().catch(undefined);
const properties = z.record(z.string(), z.unknown()).default({});
const exportSchema = z.object({
    deployment: z.object({
        resources: z
            .array(
                z.object({
                    urn: z.string(),
                    type: z.string(),
                    external: z.boolean().default(false),
                    delete: z.boolean().default(false),
                    inputs: properties,
                    outputs: properties,
                }),
            )
            .default([]),
    }),
});
const keySchema = z.object({
    inputs: z.object({
        expiresIn: text,
        rotation: z.object({ every: text, beforeExpiry: text }).nullish().catch(undefined),
    }),
    outputs: z.object({ apiKeyId: z.string(), teamId: z.string(), rotatedAt: text }),
});

/**
 * Reads the text of an export.
 *
 * @throws where it is no export of a stack.
 */
export function readStackExport(json: string): ManagedStack {
    const { resources } = exportSchema.parse(JSON.parse(json)).deployment;
    const exposures = resources.flatMap(({ urn, type, inputs, outputs }): Exposure[] => {
        const { stack, name } = placeOf(urn);
        const resource = type === "pulumi:pulumi:Stack" ? undefined : name;
        const names = Object.entries({ ...inputs, ...outputs }).flatMap(([name, value]) =>
            exposes(value) ? name : [],
        );
        return names.map((property) => ({ stack, resource, property }));
    });
    // A key that the stack only reads is not managed, nor is one that it replaced and has not deleted yet.
    const keys = resources.flatMap((resource): ManagedKey[] => {
        const { data } = keySchema.safeParse(resource);
        if (data === undefined || !KEY_TYPES.includes(resource.type) || resource.external || resource.delete) {
            return [];
        }
        const { apiKeyId, teamId, rotatedAt } = data.outputs;
        const renewal = renewalOf(data.inputs);
        return [{ apiKeyId, teamId, ...placeOf(resource.urn), rotatedAt: rotatedAt ?? undefined, renewal }];
    });
    return { keys, exposures };
}

function renewalOf({ expiresIn, rotation }: z.infer<typeof keySchema>["inputs"]): string | undefined {
    if (rotation?.every) {
        return `every ${rotation.every}`;
    }
    return expiresIn && rotation?.beforeExpiry ? `${rotation.beforeExpiry} before expiry` : undefined;
}

/** Whether a value holds a secret that Pulumi does not know as one. */
function exposes(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return typeof value === "string" && SECRET.test(value);
    }
    return !(SECRET_MARK in value) && Object.values(value).some(exposes);
}

/** The stack and the name of a resource, out of `urn:pulumi:<stack>::<project>::<types>::<name>`. */
function placeOf(urn: string): { readonly stack: string; readonly name: string } {
    const [stack = "", project = "", , ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
    return { stack: `${project}/${stack}`, name: name.join("::") };
}
