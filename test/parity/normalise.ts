/**
 * Takes out of a record what differs from run to run and says nothing: ids, secrets, times, ports, folders. The same
 * value becomes the same token wherever it stands in one record, so that a key that is taken for another still shows.
 */

/** How near an instant has to be to now to be this run's rather than the program's own, in milliseconds. */
const NEAR = 3 * 24 * 60 * 60 * 1000;

const HOUR = 60 * 60 * 1000;
/** How far a scenario's own clock may be put forward, in milliseconds. */
const FAR = 5 * 365 * 24 * HOUR;

/** Property names in the place of which any text is random. */
const RANDOM_PROPERTIES: ReadonlySet<string> = new Set(["ciphertext", "redactedApiKey"]);

/** Fields of a resource's state that say when and where it was written. */
const DROPPED_PROPERTIES: ReadonlySet<string> = new Set(["created", "modified", "sourcePosition", "stackTrace"]);

/** What the CLI's hint about a protected resource says further: a command that is the CLI's alone. */
const COMMAND_TO_UNPROTECT =
    /either (remove the `protect` flag .*?), or use the command:\n`pulumi state unprotect '[^']*'`/g;

/** Makes records comparable. One for each record: it remembers which value got which token. */
export class Normaliser {
    readonly #tokens = new Map<string, string>();
    readonly #counts = new Map<string, number>();

    /** @param start - When the scenario's own clock began, in milliseconds since 1970; `undefined` where it has none. */
    constructor(private readonly start?: number) {}

    /** A copy of a JSON value with its keys sorted and what is random replaced. */
    value(value: unknown, property = ""): unknown {
        if (typeof value === "string") {
            // A digest may be of what is random.
            const isDigest = property === "triggers";
            return RANDOM_PROPERTIES.has(property)
                ? `<${property}>`
                : isDigest
                  ? this.#token("digest", value)
                  : this.text(value);
        }
        if (Array.isArray(value)) {
            return value.map((each) => this.value(each));
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        const kept = Object.entries(value)
            .filter(([name, each]) => each !== undefined && !DROPPED_PROPERTIES.has(name))
            .sort(([left], [right]) => (left < right ? -1 : 1));
        return Object.fromEntries(
            kept.map(([name, each]) => [
                this.text(name),
                // Digests are salted with the key's id.
                name === "given" ? this.#digests(each) : this.value(each, name),
            ]),
        );
    }

    /** A text with what is random replaced. */
    text(text: string): string {
        return text
            .replace(COMMAND_TO_UNPROTECT, "$1")
            .replace(/https?:\/\/127\.0\.0\.1:\d+/g, "<emulator>")
            .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (found) => this.#token("id", found))
            .replace(/\bxai-(token-)?[A-Za-z0-9]{20,}/g, (found) => this.#token("secret", found))
            .replace(/\bxai-(\.{3}\w+|\w\*\*\w)/g, "<redacted>")
            .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, (found) => this.#instant(found));
    }

    /** An instant of this run: to the hour where the scenario has a clock of its own, which goes on by itself as well. */
    #instant(found: string): string {
        const time = Date.parse(found);
        if (Math.abs(time - Date.now()) < NEAR) {
            return "<time>";
        }
        const since = this.start === undefined ? Number.NaN : time - this.start;
        return Math.abs(since) < FAR ? `<start + ${Math.round(since / HOUR)}h>` : found;
    }

    #digests(given: unknown): unknown {
        return typeof given === "object" && given !== null ? Object.keys(given).sort() : given;
    }

    #token(kind: string, found: string): string {
        let token = this.#tokens.get(found);
        if (token === undefined) {
            const count = (this.#counts.get(kind) ?? 0) + 1;
            this.#counts.set(kind, count);
            token = `<${kind} ${count}>`;
            this.#tokens.set(found, token);
        }
        return token;
    }
}
