import type { StoredKey } from "xai-management-emulator";
import { z } from "zod";
import { type Given, type GivenMap, isGivenList, isGivenMap, type KeyProgram, OutputOf } from "./modelStack.js";
import { DEFAULT_ACLS, type Edit, type KeyArgs, type RotationArgs, SECRET_TRIGGERS } from "./sequence.js";
import { Secret } from "./values.js";

/** A key that was there before, as a program names it. */
export interface Adoption {
    readonly adoptKeyId: string;
    readonly existingSecret?: string;
}

/** The program of a model: its keys by their logical names. */
export class ModelProgram {
    private readonly keys = new Map<string, KeyArgs>();
    private readonly adoptions = new Map<string, Adoption>();

    apply(edit: Edit): void {
        const args = this.keys.get(edit.key) ?? {};
        switch (edit.edit) {
            case "change":
                this.keys.set(edit.key, { ...args, ...edit.args });
                // A key that was taken over does not move.
                if (edit.args.teamId !== undefined) this.makeNew(edit.key);
                break;
            case "remove":
                this.makeNew(edit.key);
                this.keys.delete(edit.key);
                break;
            case "rename":
                this.makeNew(edit.key);
                this.makeNew(edit.to);
                if (this.keys.has(edit.key)) {
                    this.keys.set(edit.to, this.argsOf(edit.key));
                    if (edit.to !== edit.key) this.keys.delete(edit.key);
                }
                break;
            case "twin": {
                this.makeNew(edit.key);
                this.keys.set(edit.of, { ...this.argsOf(edit.of), name: "shared" });
                const { adopts: _, ...shared } = this.argsOf(edit.of);
                if (edit.key !== edit.of) this.keys.set(edit.key, shared);
            }
        }
    }

    /** Lets a resource have a key of its own, whichever it was to take over. */
    makeNew(name: string): void {
        this.adoptions.delete(name);
        const { adopts: _, ...args } = this.argsOf(name);
        if (this.keys.has(name)) this.keys.set(name, args);
    }

    /** The key that a resource takes over, or took over. */
    adoptionOf(name: string): Adoption | undefined {
        return this.adoptions.get(name);
    }

    adopt(name: string, adoption: Adoption): void {
        this.adoptions.set(name, adoption);
    }

    /** The logical names. */
    get names(): string[] {
        return [...this.keys.keys()];
    }

    argsOf(name: string): KeyArgs {
        return this.keys.get(name) ?? {};
    }

    /** What the engine runs. A key may follow those that stand before it. */
    get program(): readonly KeyProgram[] {
        const names = this.names.sort();
        return names.map((name) => {
            const { ignoreChanges = [], follows = name } = this.argsOf(name);
            const args = written(this.argsOf(name), this.adoptions.get(name));
            const isFollowing = follows < name && names.includes(follows);
            return { name, args: isFollowing ? following(args, follows) : args, ignoreChanges };
        });
    }
}

/** Arguments as a program writes them: of two that exclude one another, or that need one another, what can stand. */
function written(
    { adopts: _, follows: __, ignoreChanges: ___, rotation, expireTime, ...args }: KeyArgs,
    { adoptKeyId, existingSecret }: Partial<Adoption> = {},
): GivenMap {
    const isCounted = (args.expiresIn ?? null) !== null;
    const given = {
        acls: DEFAULT_ACLS,
        ...args,
        expireTime: isCounted ? undefined : expireTime,
        rotation: rotation && !isCounted ? withoutRenewal(rotation) : rotation,
        adoptKeyId,
        existingSecret: existingSecret === undefined ? undefined : new Secret(existingSecret),
    };
    return Object.fromEntries(
        Object.entries(given).flatMap(([field, value]): [string, Given][] =>
            value === undefined ? [] : [[field, toGiven(value)]],
        ),
    );
}

/** Arguments with the secret of another key as a trigger. */
function following({ rotation, ...args }: GivenMap, follows: string): GivenMap {
    const { triggers = {}, ...others }: GivenMap = isGivenMap(rotation) ? rotation : {};
    const added = { followed: new OutputOf(follows, "apiKey") };
    return { ...args, rotation: { ...others, triggers: isGivenMap(triggers) ? { ...triggers, ...added } : added } };
}

/** A copy, so that nobody changes the arguments of the sequence. Secret triggers are marked. */
function toGiven(value: Given): Given {
    if (typeof value === "string" && SECRET_TRIGGERS.includes(value)) return new Secret(value);
    if (isGivenList(value)) return value.map(toGiven);
    return isGivenMap(value)
        ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toGiven(part)]))
        : value;
}

function withoutRenewal({ beforeExpiry: _, ...rotation }: RotationArgs): RotationArgs {
    return rotation;
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

const storedSchema = z.object({
    name: z.string().optional(),
    acls: z.array(z.string()).optional(),
    qps: z.number().nullish(),
    qpm: z.number().nullish(),
    tpm: z.union([z.number(), z.string()]).nullish(),
    expireTime: z.string().nullish(),
    expiresIn: z.string().nullish(),
    disabled: z.boolean().optional(),
    teamId: z.string().optional(),
});

/** The arguments that count: those that `ignoreChanges` names are the stored ones. */
export function argsInForce(args: KeyArgs, inputs: Readonly<Record<string, unknown>>): KeyArgs {
    const { ignoreChanges = [] } = args;
    const isIgnored = ([field]: [string, unknown]) => ignoreChanges.includes(field) || ignoreChanges.includes("*");
    const given = Object.entries(args).filter((entry) => !isIgnored(entry));
    const stored = Object.entries(storedSchema.parse(inputs)).filter(isIgnored);
    return Object.fromEntries([...given, ...stored]);
}

/**
 * The settings that arguments ask for.
 *
 * @param known - What is the stack's where the arguments leave it open: an expiry is counted by the provider.
 */
export function wantedSettings(
    args: KeyArgs,
    known: Pick<Settings, "name" | "teamId" | "disabled"> & { readonly expireTime: string | null },
): Settings {
    return {
        teamId: args.teamId ?? known.teamId,
        name: args.name ?? known.name,
        acls: permissions(args.acls ?? DEFAULT_ACLS),
        qps: args.qps ?? null,
        qpm: args.qpm ?? null,
        tpm: args.tpm === undefined || args.tpm === null ? null : String(args.tpm),
        expireTime: instantOf((args.expiresIn ?? null) === null ? (args.expireTime ?? null) : known.expireTime),
        disabled: args.disabled ?? known.disabled,
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
        expireTime: instantOf(key.expireTime),
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

function instantOf(time: string | null): number | null {
    return time === null ? null : Date.parse(time);
}
