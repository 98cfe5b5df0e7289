import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, OutputMap } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { PASSPHRASE } from "./cli.js";

/** How Pulumi marks a value that is more than plain JSON, and the mark of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

const fileSchema = z.object({
    version: z.number(),
    checkpoint: z.object({
        latest: z
            .looseObject({
                secrets_providers: z.object({ state: z.object({ salt: z.string() }) }).optional(),
                resources: z
                    .array(z.looseObject({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }))
                    .optional(),
            })
            .optional(),
    }),
});
const secretSchema = z.object({ [SIGNATURE]: z.literal(SECRET_SIGNATURE), ciphertext: z.string() });
const shownSchema = z.object({ [SIGNATURE]: z.literal(SECRET_SIGNATURE), plaintext: z.string() });

/**
 * The file in which the CLI's file backend keeps a stack. It says what `pulumi stack export` and `pulumi stack output` say,
 * without half a second for a process each time.
 */
export class StateFile {
    readonly #path: string;

    /** @param backend the folder of the file backend */
    constructor(backend: string, project: string, stack: string) {
        this.#path = join(backend, ".pulumi/stacks", project, `${stack}.json`);
    }

    /** What `pulumi stack export --show-secrets` says. */
    deployment(): Deployment {
        const { version, latest } = this.#read();
        const salt = latest.secrets_providers?.state.salt;
        if (salt === undefined) {
            return { version, deployment: latest };
        }
        const key = keyOf(salt);
        return { version, deployment: mapped(latest, (value) => shown(value, key)) };
    }

    /** What `pulumi stack output --show-secrets` says, and which of it is a secret. */
    outputs(): OutputMap {
        const { latest } = this.#read();
        const key = latest.secrets_providers && keyOf(latest.secrets_providers.state.salt);
        const stack = latest.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
        return Object.fromEntries(
            Object.entries(stack?.outputs ?? {}).map(([name, sealed]) => {
                const value = key === undefined ? sealed : mapped(sealed, (one) => shown(one, key));
                return [name, { value: mapped(value, revealed), secret: shownSchema.safeParse(value).success }];
            }),
        );
    }

    #read() {
        const text = existsSync(this.#path) ? readFileSync(this.#path, "utf8") : '{"version":3,"checkpoint":{}}';
        const { version, checkpoint } = fileSchema.parse(JSON.parse(text));
        return { version, latest: checkpoint.latest ?? {} };
    }
}

const keys = new Map<string, Buffer>();

/** The key that the CLI derives from the passphrase. A stack keeps its salt, and a derivation takes a fifth of a second. */
function keyOf(salt: string): Buffer {
    const [, text = ""] = salt.split(":");
    const key = keys.get(text) ?? pbkdf2Sync(PASSPHRASE, Buffer.from(text, "base64"), 1_000_000, 32, "sha256");
    keys.set(text, key);
    return key;
}

/** Decrypts `v1:<nonce>:<ciphertext and tag>`. */
function decrypted(text: string, key: Buffer): string {
    const [, nonce = "", data = ""] = text.split(":");
    const sealed = Buffer.from(data, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(sealed.subarray(-16));
    return decipher.update(sealed.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
}

/** A secret in the clear, in the form of an export; `undefined` for what is none. */
function shown(value: unknown, key: Buffer): unknown {
    const secret = secretSchema.safeParse(value);
    return secret.success
        ? { [SIGNATURE]: SECRET_SIGNATURE, plaintext: decrypted(secret.data.ciphertext, key) }
        : undefined;
}

/** The value of a secret that is shown; `undefined` for what is none. */
function revealed(value: unknown): unknown {
    const secret = shownSchema.safeParse(value);
    return secret.success ? JSON.parse(secret.data.plaintext) : undefined;
}

/** A value in which everything at any depth that has a replacement is replaced. */
function mapped(value: unknown, replacement: (value: unknown) => unknown): unknown {
    const replaced = replacement(value);
    if (replaced !== undefined) {
        return replaced;
    }
    if (Array.isArray(value)) {
        return value.map((one) => mapped(one, replacement));
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, replacement)]))
        : value;
}
