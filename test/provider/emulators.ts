import { afterEach } from "vitest";
import {
    type Emulator,
    type EmulatorOptions,
    type Operation,
    type RecordedRequest,
    startEmulator,
} from "xai-management-emulator";

const running: Emulator[] = [];

afterEach(async () => {
    await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

/** An emulator that is closed when the test ends. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = await startEmulator(options);
    running.push(emulator);
    return emulator;
}

/** What an emulator got of one kind. */
export function requestsOf(emulator: Emulator, operation: Operation): RecordedRequest[] {
    return emulator.requests.filter((request) => request.operation === operation);
}
