import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "xai-management-emulator";

/** A new deployment: another engine, with its own configuration, which finds the emulator unless it says otherwise. */
export async function deploy(emulator: Emulator, config: Readonly<Record<string, string>> = {}): Promise<void> {
    await pulumi.runtime.setMocks({
        newResource: ({ inputs }) => ({ id: "id", state: inputs }),
        call: () => ({}),
    });
    pulumi.runtime.setAllConfig({
        "xai:managementKey": emulator.managementKey,
        "xai:teamId": emulator.teamId,
        "xai:baseUrl": emulator.url,
        "xai:maxRetries": "0",
        ...config,
    });
}

/** What an output comes to, or its failure, which an `apply` would not tell. */
export async function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    const hidden: object = output;
    const called = <R>(name: string): Promise<R> => Reflect.apply(Reflect.get(hidden, name), output, []);
    // A failure is each of these promises' own, and nobody else waits for them here.
    for (const other of [Reflect.get(hidden, "isKnown"), Reflect.get(hidden, "isSecret"), called("allResources")]) {
        Promise.resolve(other).catch(() => undefined);
    }
    return called("promise");
}

/** The one line with which a look-up fails in a program. */
export async function failureOf(lookUp: Promise<unknown>): Promise<string> {
    const failure = await lookUp.then(
        () => undefined,
        (error: unknown) => error,
    );
    if (!pulumi.RunError.isInstance(failure)) {
        throw failure ?? new Error("It did not fail.");
    }
    if (failure.stack !== failure.message || failure.message.includes("\n")) {
        throw new Error(`It is not one line: ${failure.stack}`);
    }
    return failure.message;
}
