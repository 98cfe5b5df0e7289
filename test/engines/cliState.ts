import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, OutputMap } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { Crypter } from "../../sdk/testing/engine/crypto.js";
import { SECRET_SIGNATURE, SIGNATURE } from "../../sdk/testing/engine/wire.js";
import { PASSPHRASE } from "./pulumiCommand.js";

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
 * What the Pulumi CLI holds of a stack, read from its file: what it tells itself when it is asked, without the half a second
 * of a process for each question.
 */
export class CliState {
    readonly #file: string;

    /** @param backend the folder of the CLI's file backend */
    constructor(backend: string, project: string, stack: string) {
        this.#file = join(backend, ".pulumi/stacks", project, `${stack}.json`);
    }

    /** What `pulumi stack export --show-secrets` says. */
    async deployment(): Promise<Deployment> {
        const { version, checkpoint } = fileSchema.parse(
            existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, "utf8")) : { version: 3, checkpoint: {} },
        );
        const { latest = {} } = checkpoint;
        const salt = latest.secrets_providers?.state.salt;
        if (salt === undefined) {
            return { version, deployment: latest };
        }
        const crypter = await Crypter.open(PASSPHRASE, salt);
        return { version, deployment: mapped(latest, (value) => shown(value, crypter)) };
    }

    /** What `pulumi stack output --show-secrets` says, and which of it is a secret. */
    async outputs(): Promise<OutputMap> {
        const { deployment } = fileSchema.shape.checkpoint
            .transform(({ latest }) => ({ deployment: latest }))
            .parse({ latest: (await this.deployment()).deployment });
        const stack = deployment?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
        return Object.fromEntries(
            Object.entries(stack?.outputs ?? {}).map(([name, value]) => [
                name,
                { value: mapped(value, revealed), secret: shownSchema.safeParse(value).success },
            ]),
        );
    }
}

/** A secret in the clear, in the form of an export; `undefined` for what is none. */
function shown(value: unknown, crypter: Crypter): unknown {
    const secret = secretSchema.safeParse(value);
    return secret.success
        ? { [SIGNATURE]: SECRET_SIGNATURE, plaintext: crypter.decrypt(secret.data.ciphertext) }
        : undefined;
}

/** What a secret that is shown holds; `undefined` for what is none. */
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
