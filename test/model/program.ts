import { instantMs, parseInstant } from "../../provider/instant.js";
import { Secret, type Value, type ValueMap } from "../../sdk/testing/engine/values.js";
import type { StoredKey } from "../../sdk/testing/index.js";
import type { KeyProgram } from "./inProcessEngine.js";
import { DEFAULT_ACLS, type Edit, type KeyArgs, SECRET_NAME } from "./sequence.js";

/** The program of a model: its keys by their logical names. */
export class ModelProgram {
    private readonly keys = new Map<string, KeyArgs>();

    apply(edit: Edit): void {
        const args = this.keys.get(edit.key) ?? {};
        switch (edit.edit) {
            case "change":
                this.keys.set(edit.key, { ...args, ...edit.args });
                break;
            case "remove":
                this.keys.delete(edit.key);
                break;
            case "rename":
                if (this.keys.delete(edit.key)) this.keys.set(edit.to, args);
                break;
            case "twin": {
                const shared = { ...(this.keys.get(edit.of) ?? {}), name: "shared" };
                this.keys.set(edit.of, shared);
                this.keys.set(edit.key, shared);
            }
        }
    }

    /** The logical names. */
    get names(): string[] {
        return [...this.keys.keys()];
    }

    argsOf(name: string): KeyArgs {
        return this.keys.get(name) ?? {};
    }

    /** What the engine runs. */
    get program(): readonly KeyProgram[] {
        return [...this.keys].map(([name, args]) => ({ name, args: written(args) }));
    }
}

function written(args: KeyArgs): ValueMap {
    const given = Object.entries({ acls: DEFAULT_ACLS, ...args }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
        given.map(([field, value]): [string, Value] => [field, value === SECRET_NAME ? new Secret(value) : value]),
    );
}

/** A key's settings in one form, whichever side they come from. */
export interface Settings {
    readonly teamId: string;
    readonly name: string;
    readonly acls: readonly string[];
    readonly qps: number | null;
    readonly qpm: number | null;
    readonly tpm: string | null;
    readonly expireTime: number | null;
    readonly disabled: boolean;
}

const MODELS: Readonly<Record<string, string>> = { "grok-4": "grok-4-0709", "grok-2-image": "grok-2-image-1212" };

/** The settings that arguments ask for. */
export function wantedSettings(args: KeyArgs, known: { name: string; teamId: string }): Settings {
    return {
        teamId: args.teamId ?? known.teamId,
        name: args.name ?? known.name,
        acls: permissions(args.acls ?? DEFAULT_ACLS),
        qps: args.qps ?? null,
        qpm: args.qpm ?? null,
        tpm: args.tpm === undefined || args.tpm === null ? null : String(args.tpm),
        expireTime: milliseconds(args.expireTime ?? null),
        disabled: args.disabled ?? false,
    };
}

/** The settings that a server holds. */
export function heldSettings(key: StoredKey): Settings {
    return {
        teamId: key.teamId,
        name: key.name,
        acls: permissions(key.acls),
        qps: key.qps,
        qpm: key.qpm,
        tpm: key.tpm === null ? null : String(key.tpm),
        expireTime: milliseconds(key.expireTime),
        disabled: key.disabled,
    };
}

function withModelName(acl: string): string {
    const [, alias = ""] = /^api-key:model:(.+)$/.exec(acl) ?? [];
    const model = MODELS[alias];
    return model === undefined ? acl : `api-key:model:${model}`;
}

/** Permissions as a set. An alias and the model that it stands for are one. */
function permissions(acls: readonly string[]): readonly string[] {
    return [...new Set(acls.map(withModelName))].sort();
}

function milliseconds(time: string | null): number | null {
    const instant = time === null ? undefined : parseInstant(time);
    return instant === undefined ? null : instantMs(instant);
}
