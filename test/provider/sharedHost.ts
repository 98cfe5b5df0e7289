import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "xai-management-emulator";
import { configFor, DynamicHost } from "./dynamicHost.js";

/** A host and its emulator that all tests of a file or a group share: a host takes most of a second to start. */
export interface SharedHost {
    readonly host: DynamicHost;
    readonly emulator: Emulator;
}

/** Starts them before the first test, and gives each test an emulator without keys, requests and trouble. */
export function shareHost(options: EmulatorOptions = {}, config: Record<string, string> = {}): SharedHost {
    let started: SharedHost | undefined;
    const running = (): SharedHost => {
        if (started === undefined) {
            throw new Error("The host has not started.");
        }
        return started;
    };
    beforeAll(async () => {
        const emulator = await startEmulator(options);
        const host = await DynamicHost.start({});
        started = { emulator, host };
        await host.configure(configFor(emulator, config));
    });
    beforeEach(() => {
        const { emulator, host } = running();
        emulator.keys().forEach(({ apiKeyId }) => {
            emulator.deleteKey(apiKeyId);
        });
        emulator.clearFaults();
        emulator.setPropagation(options.propagation ?? 0);
        emulator.clearRequests();
        host.forget();
    });
    afterAll(async () => {
        await started?.host.stop();
        await started?.emulator.close();
    });
    return {
        get host() {
            return running().host;
        },
        get emulator() {
            return running().emulator;
        },
    };
}
