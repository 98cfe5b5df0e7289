/**
 * Values that only the run knows. In a preview Pulumi sends one of these texts in place of an output that does not exist
 * yet. They may stand anywhere, inside lists too. (pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go)
 */

/** What a preview answers for a value that only the run knows. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const UNKNOWN_VALUES: ReadonlySet<unknown> = new Set([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    UNKNOWN,
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a value is unknown. */
export function isUnknown(value: unknown): boolean {
    return UNKNOWN_VALUES.has(value);
}

/** Whether a value is unknown or holds something that is. */
export function hasUnknown(value: unknown): boolean {
    if (Array.isArray(value)) {
        return value.some(hasUnknown);
    }
    if (typeof value === "object" && value !== null) {
        return Object.values(value).some(hasUnknown);
    }
    return isUnknown(value);
}
