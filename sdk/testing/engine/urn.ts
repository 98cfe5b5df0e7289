/** The stack's own resource: what everything without a parent hangs below. */
export const STACK_TYPE = "pulumi:pulumi:Stack";
/** The package of dynamic resources, the only one that the local engine runs. */
export const DYNAMIC_PACKAGE = "pulumi-nodejs";
const PROVIDER_PREFIX = "pulumi:providers:";

/** The type of the provider resource of dynamic resources. */
export const DYNAMIC_PROVIDER_TYPE = `${PROVIDER_PREFIX}${DYNAMIC_PACKAGE}`;

/** The parts of a URN that the engine needs. */
export interface UrnParts {
    readonly stack: string;
    readonly project: string;
    /** The types of all ancestors and the resource, joined by `$`. */
    readonly qualifiedType: string;
    readonly type: string;
    readonly name: string;
}

/** Takes a URN apart. */
export function parseUrn(urn: string): UrnParts {
    const [stack = "", project = "", qualifiedType = "", ...name] = urn.slice("urn:pulumi:".length).split("::");
    const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
    return { stack, project, qualifiedType, type, name: name.join("::") };
}

/** The URN of a resource below a parent (`""` for none); the stack itself does not count as an ancestor. */
export function createUrn(stack: string, project: string, parent: string, type: string, name: string): string {
    const ancestors = parent === "" ? "" : parseUrn(parent).qualifiedType;
    const qualified = ancestors === "" || ancestors === STACK_TYPE ? type : `${ancestors}$${type}`;
    return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

/** The package of a resource type such as `pulumi-nodejs:dynamic/xai:ApiKey`. */
export function packageOf(type: string): string {
    return type.split(":")[0] ?? "";
}

/** Whether a type is a provider's. */
export function isProviderType(type: string): boolean {
    return type.startsWith(PROVIDER_PREFIX);
}

/** Whether a URN is that of a provider that the engine registered by itself. */
export function isDefaultProvider(urn: string): boolean {
    const { type, name } = parseUrn(urn);
    return isProviderType(type) && (name === "default" || name.startsWith("default_"));
}

/** The URN within a reference to a provider, `<urn>::<id>`. */
export function providerUrn(reference: string): string {
    return reference.slice(0, reference.lastIndexOf("::"));
}

/** The id within a reference to a provider. */
export function providerId(reference: string): string {
    return reference.slice(reference.lastIndexOf("::") + 2);
}

/** A type as it is shown: `a:b/c:C` is written `a:b:C`. */
export function displayType(type: string): string {
    const [pkg = "", module = "", name = ""] = type.split(":");
    const slash = module.lastIndexOf("/");
    const last = module.slice(slash + 1);
    const lower = name.charAt(0).toLowerCase() + name.slice(1);
    return slash > 0 && last === lower ? `${pkg}:${module.slice(0, slash)}:${name}` : type;
}
