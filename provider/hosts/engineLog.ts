import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { pulumisGrpc } from "./pulumisCopies.js";

/**
 * Lines on the engine's own channel. What a dynamic provider writes to stdout appears as plain lines of the stack that
 * stay; here a line has a severity, and progress can come and go.
 */
export interface EngineLog {
    /** A warning that stays in the update's output: on a resource's row, or on the stack's. */
    warn(message: string, urn?: string): void;
    /** A line that is shown while the operation runs and leaves nothing behind. */
    progress(message: string, urn?: string): void;
    /** Ends when the lines that stay and were given so far have arrived, or cannot arrive: the engine may end this process any time. */
    settled(): Promise<void>;
}

/** How long a line may take, in milliseconds. */
const LINE_PATIENCE = 2000;

/**
 * Opens the channel.
 *
 * @param address - The engine's address, the second argument of the host's process; `undefined` where there is none:
 * then warnings go to stderr.
 */
export function engineLog(address: string | undefined): EngineLog {
    if (!address) {
        return {
            warn: (message) => process.stderr.write(`warning: ${message}\n`),
            progress: () => undefined,
            settled: async () => undefined,
        };
    }
    const grpc = pulumisGrpc();
    const client = new EngineClient(address, grpc.credentials.createInsecure());
    const pending = new Set<Promise<void>>();
    const send = (severity: LogSeverity, message: string, urn: string, ephemeral: boolean) => {
        const request = new LogRequest();
        request.setUrn(urn);
        request.setSeverity(severity);
        request.setMessage(message);
        request.setEphemeral(ephemeral);
        // A lost line must not fail the operation that it is about.
        return new Promise<void>((done) => {
            client.log(request, new grpc.Metadata(), { deadline: Date.now() + LINE_PATIENCE }, () => done());
        });
    };
    return {
        warn: (message, urn = "") => {
            const sent = send(LogSeverity.WARNING, message, urn, false).then(() => void pending.delete(sent));
            pending.add(sent);
        },
        progress: (message, urn = "") => void send(LogSeverity.INFO, message, urn, true),
        settled: async () => void (await Promise.all(pending)),
    };
}
