import { createRequire } from "node:module";
import type { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * The copies of gRPC and protobuf that Pulumi's own clients and messages are made with. A stricter package manager hides them
 * from this package, which does not depend on them itself: two copies would not understand each other's messages.
 */

const pulumisRequire = createRequire(require.resolve("@pulumi/pulumi"));

export function pulumisGrpc(): typeof import("@grpc/grpc-js") {
    return pulumisRequire("@grpc/grpc-js");
}

export function pulumisStruct(): typeof Struct {
    return pulumisRequire("google-protobuf/google/protobuf/struct_pb.js").Struct;
}

export function pulumisAny(): typeof Any {
    return pulumisRequire("google-protobuf/google/protobuf/any_pb.js").Any;
}

export function pulumisEmpty(): typeof Empty {
    return pulumisRequire("google-protobuf/google/protobuf/empty_pb.js").Empty;
}
