import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { pulumisGrpc } from "../pulumisCopies.js";
import { loadPlugin, ProviderService } from "./service.js";

/**
 * The native plugin's process: `pulumi-resource-xai [...] <the engine's address>`. The first line of stdout is the port on which it
 * listens. The engine interrupts it at the end of every run.
 */

const ANY_PORT = "127.0.0.1:0";
/** The engine's own limit for a message, in bytes. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;

const service = new ProviderService(process.argv.slice(2).at(-1));
const grpc = pulumisGrpc();
const server = new grpc.Server({
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.max_send_message_length": LARGEST_MESSAGE,
});
server.addService(ResourceProviderService, service.handlers);
server.bindAsync(ANY_PORT, grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
        process.stderr.write(`pulumi-resource-xai: ${error.message}\n`);
        process.exit(1);
    }
    process.stdout.write(`${port}\n`);
    setImmediate(loadPlugin);
});

// An engine that is killed ends no plugin, which would live on with a management key.
const engine = process.ppid;
setInterval(() => process.ppid === engine || process.exit(), 1000).unref();

for (const signal of ["SIGINT", "SIGBREAK", "SIGTERM"] as const) {
    process.once(signal, async () => {
        await service.end();
        process.exit();
    });
}
