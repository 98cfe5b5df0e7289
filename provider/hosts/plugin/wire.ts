import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { XaiError } from "../../api/errors.js";
import type { Properties } from "../../apiKey/context.js";
import { isMap } from "../../isMap.js";
import { pulumisStruct } from "../pulumisCopies.js";

/**
 * Properties on Pulumi's wire. A secret travels as a map that marks it and holds its value, at any depth. Inside this provider
 * values are plain, and their secrets are a list of paths beside them.
 */

/** How Pulumi marks a value that is more than plain JSON, and the mark of a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Where a value stands: names and indices from the outside in. */
export type Path = readonly (string | number)[];

/** Properties, and where among them the secrets are. */
export interface Marked {
    readonly values: Properties;
    readonly secrets: readonly Path[];
}

/**
 * Properties off the wire.
 *
 * @throws XaiError for an asset or an archive.
 */
export function fromWire(struct: Struct | undefined): Marked {
    const secrets: Path[] = [];
    const revealed = (value: unknown, path: Path): unknown => {
        if (Array.isArray(value)) {
            return value.map((entry, index) => revealed(entry, [...path, index]));
        }
        if (!isMap(value)) {
            return value;
        }
        if (value[SIGNATURE] === SECRET) {
            secrets.push(path);
            return revealed(value["value"], path);
        }
        if (SIGNATURE in value) {
            // An asset or an archive: the engine sends no other marked value.
            throw new XaiError(
                `\`${path.join(".")}\` is an asset or an archive, which no argument takes. Give a text, such as the hash of the file.`,
            );
        }
        return Object.fromEntries(
            Object.entries(value).map(([name, entry]) => [name, revealed(entry, [...path, name])]),
        );
    };
    const values = revealed(struct?.toJavaScript() ?? {}, []);
    return { values: isMap(values) ? values : {}, secrets };
}

/** Properties for the wire, without undefined at any depth. A secret whose value is null is not marked. */
export function toWire({ values, secrets }: Marked): Struct {
    const marked = new Set(secrets.map((path) => JSON.stringify(path)));
    const sealed = (value: unknown, path: Path): JavaScriptValue => {
        const inner = bare(value, path);
        return inner !== null && marked.has(JSON.stringify(path)) ? { [SIGNATURE]: SECRET, value: inner } : inner;
    };
    const bare = (value: unknown, path: Path): JavaScriptValue => {
        if (Array.isArray(value)) {
            return value.map((entry, index) => sealed(entry, [...path, index]));
        }
        const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
        return isMap(value) ? sealedMap(value, path) : isScalar ? value : null;
    };
    const sealedMap = (map: Properties, path: Path) =>
        Object.fromEntries(
            Object.entries(map)
                .filter(([, value]) => value !== undefined)
                .map(([name, value]) => [name, sealed(value, [...path, name])]),
        );
    return pulumisStruct().fromJavaScript(sealedMap(values, []));
}
