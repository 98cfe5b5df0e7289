import { resolve } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { vi } from "vitest";

/** The program of an example as an inline program. Each operation loads it anew. */
export function exampleProgram(name: string): PulumiFn {
    return async () => {
        vi.resetModules();
        const { default: main, ...outputs } = await import(resolve(__dirname, "../../examples", name, "index.ts"));
        return typeof main === "function" ? main() : outputs;
    };
}
