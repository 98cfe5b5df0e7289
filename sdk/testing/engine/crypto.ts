import { createCipheriv, createDecipheriv, pbkdf2, randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { StateFileError } from "./errors.js";

const derive = promisify(pbkdf2);

/** What Pulumi's passphrase provider does: a million rounds, and a known text to know the passphrase by. */
const ROUNDS = 1_000_000;
const KNOWN_TEXT = "pulumi";

/** Keys of this process by passphrase and salt, since a derivation takes a fifth of a second. */
const keys = new Map<string, Promise<Buffer>>();
/** New state files of one process share a salt for the same reason. */
const freshSalt = randomBytes(8);

/** Opens what is only of use to this process. Nobody could guess it, so that its key need not be a derived one. */
export const PROCESS_PASSPHRASE = randomUUID();
keys.set(nameOf(PROCESS_PASSPHRASE, freshSalt), Promise.resolve(randomBytes(32)));

function nameOf(passphrase: string, salt: Buffer): string {
    return `${salt.toString("base64")}:${passphrase}`;
}

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
    const name = nameOf(passphrase, salt);
    const known = keys.get(name) ?? derive(passphrase, salt, ROUNDS, 32, "sha256");
    keys.set(name, known);
    return known;
}

/**
 * Encrypts and decrypts texts with AES-256-GCM under a key from a passphrase, in the form of Pulumi's own passphrase
 * provider, so that `pulumi stack import` can read what it wrote.
 */
export class Crypter {
    private constructor(
        private readonly key: Buffer,
        /** What a state file keeps so that the same passphrase opens it again. No secret. */
        readonly salt: string,
    ) {}

    /** A crypter for a new state file. */
    static async create(passphrase: string): Promise<Crypter> {
        const key = await keyOf(passphrase, freshSalt);
        return new Crypter(key, `v1:${freshSalt.toString("base64")}:${encrypt(key, KNOWN_TEXT)}`);
    }

    /**
     * The crypter of an existing state file.
     *
     * @throws {StateFileError} where the passphrase is not the one that it was written with
     */
    static async open(passphrase: string, salt: string): Promise<Crypter> {
        const [version, text = "", ...known] = salt.split(":");
        if (version !== "v1") throw new StateFileError("the state file's encryption is of an unknown version");
        const key = await keyOf(passphrase, Buffer.from(text, "base64"));
        try {
            if (decrypt(key, known.join(":")) === KNOWN_TEXT) return new Crypter(key, salt);
        } catch {
            // A wrong key shows as a failed authentication: the same message as for a wrong text.
        }
        throw new StateFileError("the passphrase is not the one that the state file was written with");
    }

    /** A text, encrypted: `v1:<nonce>:<ciphertext>`, different each time. */
    encrypt(plain: string): string {
        return encrypt(this.key, plain);
    }

    /**
     * A text, decrypted.
     *
     * @throws {StateFileError} where it was changed or written under another key
     */
    decrypt(text: string): string {
        try {
            return decrypt(this.key, text);
        } catch (cause) {
            throw new StateFileError("a secret in the state file cannot be decrypted", { cause });
        }
    }
}

const TAG_LENGTH = 16;

function encrypt(key: Buffer, plain: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, text: string): string {
    const [version, nonce = "", data = ""] = text.split(":");
    if (version !== "v1") throw new Error("unknown version");
    const sealed = Buffer.from(data, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    return decipher.update(sealed.subarray(0, -TAG_LENGTH), undefined, "utf8") + decipher.final("utf8");
}
