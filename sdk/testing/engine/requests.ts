import type { ReadResourceRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { UnsupportedFeatureError } from "./errors.js";
import { type Goal, goal, type ReadGoal } from "./goal.js";
import type { CustomTimeouts } from "./resource.js";
import { DYNAMIC_PACKAGE, DYNAMIC_PROVIDER_TYPE, packageOf } from "./urn.js";
import type { ValueMap } from "./values.js";
import { fromWire } from "./wire.js";

/** A registration as it arrived. What a parent hands down to its children is `undefined` where it is not said. */
export interface Registration {
    readonly goal: Goal;
    /** Whether the goal's provider is still to be found: the parent's, or the default one. */
    readonly needsProvider: boolean;
    readonly protect: boolean | undefined;
    readonly retainOnDelete: boolean | undefined;
}

/** What of a request the engine leaves to the Pulumi CLI, by the name that the program's author knows it by. */
function unsupportedOptions(request: RegisterResourceRequest): string | undefined {
    const asked: [string, boolean | undefined][] = [
        ["remote components", request.getRemote()],
        ["the `import` option", request.getImportid() !== ""],
        ["the `aliases` option", request.getAliasesList().length + request.getAliasurnsList().length > 0],
        ["transforms", request.getTransformsList().length > 0],
        ["resource hooks", hasHooks(request)],
        ["the `version` option", request.getVersion() !== ""],
        ["the `pluginDownloadURL` option", request.getPlugindownloadurl() !== ""],
        ["parameterized packages", request.getPackageref() !== ""],
        // Older SDKs have no such options.
        ["the `hideDiffs` option", (request.getHidediffsList?.().length ?? 0) > 0],
        ["the `replaceWith` option", (request.getReplaceWithList?.().length ?? 0) > 0],
        ["the `replacementTrigger` option", request.hasReplacementTrigger?.()],
        ["state migrations", (request.getStateMigrationsList?.().length ?? 0) > 0],
        ["the `envVarMappings` option", (request.getEnvvarmappingsMap?.().getLength() ?? 0) > 0],
    ];
    return asked.find(([, isAsked]) => isAsked === true)?.[0];
}

function hasHooks(request: RegisterResourceRequest): boolean {
    const hooks = request.getHooks?.()?.toObject() ?? {};
    return Object.values(hooks).some((names) => Array.isArray(names) && names.length > 0);
}

/** @throws {UnsupportedFeatureError} where a resource is another package's */
function refuseOtherPackages(type: string, name: string): void {
    if (type === DYNAMIC_PROVIDER_TYPE || packageOf(type) === DYNAMIC_PACKAGE) return;
    if (type === "pulumi:pulumi:StackReference") throw new UnsupportedFeatureError(`StackReference ("${name}")`);
    const providerOf = type.startsWith("pulumi:providers:") ? type.slice("pulumi:providers:".length) : undefined;
    throw new UnsupportedFeatureError(
        `the package "${providerOf ?? packageOf(type)}" (resource "${name}" of type ${type}): it runs dynamic resources only`,
    );
}

/**
 * What a program's request asks for.
 *
 * @throws {UnsupportedFeatureError} where it is for the Pulumi CLI
 */
export function readRegistration(request: RegisterResourceRequest): Registration {
    const type = request.getType();
    const name = request.getName();
    const custom = request.getCustom();
    const unsupported = unsupportedOptions(request);
    if (unsupported !== undefined) throw new UnsupportedFeatureError(`${unsupported} (resource "${name}")`);
    if (custom) refuseOtherPackages(type, name);

    const inputs = fromWire(request.getObject()?.toJavaScript() ?? {}, { label: `resource "${name}"`, unknowns: true });
    const dependencies = unique(request.getDependenciesList());
    const saysOrder = request.getDeletebeforereplacedefined() || request.getDeletebeforereplace();
    return {
        goal: goal({
            type,
            name,
            custom,
            inputs,
            parent: request.getParent(),
            provider: request.getProvider(),
            dependencies,
            propertyDependencies: propertyDependencies(request, inputs, dependencies),
            deletedWith: request.getDeletedwith(),
            deleteBeforeReplace: saysOrder ? request.getDeletebeforereplace() : undefined,
            ignoreChanges: request.getIgnorechangesList(),
            replaceOnChanges: request.getReplaceonchangesList(),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
            customTimeouts: readTimeouts(request),
        }),
        needsProvider: custom && type !== DYNAMIC_PROVIDER_TYPE,
        protect: request.hasProtect() ? request.getProtect() : undefined,
        retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    };
}

function unique(urns: readonly string[]): string[] {
    return [...new Set(urns)].sort();
}

function propertyDependencies(
    request: RegisterResourceRequest,
    inputs: ValueMap,
    dependencies: readonly string[],
): Record<string, readonly string[]> {
    const said = request.getPropertydependenciesMap();
    const everything = said.getLength() === 0;
    const named = [...said.entries()].map(([key, urns]): [string, string[]] => [key, unique(urns.getUrnsList())]);
    const blank = Object.keys(inputs).map((key): [string, readonly string[]] => [key, everything ? dependencies : []]);
    return Object.fromEntries([...blank, ...named]);
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

function readTimeouts(request: RegisterResourceRequest): CustomTimeouts {
    const timeouts = request.getCustomtimeouts();
    if (timeouts === undefined) return {};
    const said = {
        create: timeouts.getCreate(),
        update: timeouts.getUpdate(),
        delete: timeouts.getDelete(),
        read: timeouts.getRead?.() ?? "",
    };
    const seconds = Object.entries(said).filter(([, text]) => text !== "");
    return Object.fromEntries(seconds.map(([name, text]) => [name, durationSeconds(text)]));
}

/** The seconds of a duration as Go writes them, such as `1h30m`. */
function durationSeconds(text: string): number {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
        throw new Error(`unable to parse customTimeouts value "${text}"`);
    }
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ""] ?? 0), 0);
}

/**
 * What a program's request to read a resource asks for.
 *
 * @throws {UnsupportedFeatureError} where it is for the Pulumi CLI
 */
export function readReadGoal(request: ReadResourceRequest): ReadGoal {
    const type = request.getType();
    const name = request.getName();
    refuseOtherPackages(type, name);
    const asked: [string, string][] = [
        ["the `version` option", request.getVersion()],
        ["the `pluginDownloadURL` option", request.getPlugindownloadurl()],
        ["parameterized packages", request.getPackageref()],
    ];
    const unsupported = asked.find(([, value]) => value !== "")?.[0];
    if (unsupported !== undefined) throw new UnsupportedFeatureError(`${unsupported} (resource "${name}")`);
    return {
        type,
        name,
        id: request.getId(),
        parent: request.getParent(),
        provider: request.getProvider(),
        inputs: fromWire(request.getProperties()?.toJavaScript() ?? {}, {
            label: `resource "${name}"`,
            unknowns: true,
        }),
        dependencies: unique(request.getDependenciesList()),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    };
}
