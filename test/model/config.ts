import type { Emulator } from "xai-management-emulator";

/** The configuration with which a provider finds an emulator. */
export function configFor(emulator: Emulator): Record<string, string> {
    return {
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
    };
}
