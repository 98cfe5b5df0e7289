import { createRequire } from "node:module";
import type { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * The copies of gRPC and protobuf that Pulumi's own clients and messages are made with. A stricter package manager hides them
 * from this package, which does not depend on them itself: two copies would not understand each other's messages.
 */

const pulumisRequire = createRequire(require.resolve("@pulumi/pulumi"));

export const pulumisGrpc = (): typeof import("@grpc/grpc-js") => pulumisRequire("@grpc/grpc-js");
export const pulumisStruct = (): typeof Struct => pulumisRequire("google-protobuf/google/protobuf/struct_pb.js").Struct;
export const pulumisAny = (): typeof Any => pulumisRequire("google-protobuf/google/protobuf/any_pb.js").Any;
export const pulumisEmpty = (): typeof Empty => pulumisRequire("google-protobuf/google/protobuf/empty_pb.js").Empty;
