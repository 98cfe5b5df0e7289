import { createRequire } from "node:module";

const required = createRequire(__filename);
// grpc-js and google-protobuf must be the copies that @pulumi/pulumi's own message classes were made with.
const fromPulumi = createRequire(required.resolve("@pulumi/pulumi/package.json"));

/** The libraries and message classes of Pulumi's protocol that the engine speaks with. */
export interface Sdk {
    readonly grpc: typeof import("@grpc/grpc-js");
    readonly struct: typeof import("google-protobuf/google/protobuf/struct_pb");
    readonly empty: typeof import("google-protobuf/google/protobuf/empty_pb");
    readonly resource: typeof import("@pulumi/pulumi/proto/resource_pb");
    readonly resourceRpc: typeof import("@pulumi/pulumi/proto/resource_grpc_pb");
    readonly engine: typeof import("@pulumi/pulumi/proto/engine_pb");
    readonly engineRpc: typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
    readonly provider: typeof import("@pulumi/pulumi/proto/provider_pb");
    readonly providerRpc: typeof import("@pulumi/pulumi/proto/provider_grpc_pb");
    readonly status: typeof import("@pulumi/pulumi/proto/status_pb");
    readonly language: typeof import("@pulumi/pulumi/proto/language_pb");
}

let loaded: Sdk | undefined;

/** The protocol's libraries, loaded on first use. */
export function loadSdk(): Sdk {
    loaded ??= {
        grpc: fromPulumi("@grpc/grpc-js"),
        struct: fromPulumi("google-protobuf/google/protobuf/struct_pb"),
        empty: fromPulumi("google-protobuf/google/protobuf/empty_pb"),
        resource: fromPulumi("./proto/resource_pb"),
        resourceRpc: fromPulumi("./proto/resource_grpc_pb"),
        engine: fromPulumi("./proto/engine_pb"),
        engineRpc: fromPulumi("./proto/engine_grpc_pb"),
        provider: fromPulumi("./proto/provider_pb"),
        providerRpc: fromPulumi("./proto/provider_grpc_pb"),
        status: fromPulumi("./proto/status_pb"),
        language: fromPulumi("./proto/language_pb"),
    };
    return loaded;
}

/** Options of every channel: whole stacks fit into a message, and no proxy stands between processes of one machine. */
export const CHANNEL_OPTIONS = {
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
    "grpc.max_send_message_length": 400 * 1024 * 1024,
    "grpc.enable_http_proxy": 0,
};

/** A module of the engine's own copy of `@pulumi/pulumi`, by its path within the package. */
export function requirePulumi(path: string): unknown {
    return fromPulumi(path);
}

/**
 * The file of a module of `@pulumi/pulumi` as a program sees it from its folder; the engine's own copy where the
 * program has none.
 */
export function resolvePulumi(path: string, folder: string): string {
    try {
        return createRequire(`${folder}/index.js`).resolve(`@pulumi/pulumi/${path}`);
    } catch {
        return fromPulumi.resolve(`./${path}`);
    }
}
