import type { Emulator } from "xai-management-emulator";

/** The configuration with which a program and its keys find an emulator. */
export function configFor(emulator: Emulator): Record<string, string> {
    return {
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
    };
}
