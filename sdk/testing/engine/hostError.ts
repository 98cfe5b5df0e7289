import { LocalEngineError, messageOf } from "./errors.js";
import type { Sdk } from "./sdk.js";
import { markAgain, type ValueMap } from "./values.js";
import { fromWire } from "./wire.js";

/** A resource that exists and did not become ready. */
export interface Unfinished {
    readonly id: string;
    readonly outputs: ValueMap;
    readonly reasons: readonly string[];
}

/** A provider's own failure, or that of the process that runs it. */
export class HostError extends LocalEngineError {
    override readonly name: string = "HostError";
    /** What was made all the same, where it is only unfinished. */
    readonly unfinished: Unfinished | undefined;
    /** What events say of it where it is not for the kind of step to say: 0 nothing was done, 2 that is not known. */
    readonly status: 0 | 2 | undefined;

    constructor(message: string, known: { unfinished?: Unfinished; status?: 0 | 2 } = {}) {
        super(message);
        this.unfinished = known.unfinished;
        this.status = known.status;
    }
}

/** The detail of a gRPC status that says that a resource is there, though unfinished. */
const UNFINISHED_DETAIL = "pulumirpc.ErrorResourceInitFailed";

/** The failure within a gRPC error, with the secrets that went in marked in what came of it. */
export function readFailure(error: unknown, sdk: Sdk, given: ValueMap): HostError {
    if (!(error instanceof Error)) return new HostError(messageOf(error));
    const details = "details" in error && typeof error.details === "string" ? error.details : error.message;
    const metadata = "metadata" in error && error.metadata instanceof sdk.grpc.Metadata ? error.metadata : undefined;
    for (const packed of metadata?.get("grpc-status-details-bin") ?? []) {
        if (typeof packed === "string") continue;
        for (const detail of sdk.status.Status.deserializeBinary(packed).getDetailsList()) {
            if (detail.getTypeName() !== UNFINISHED_DETAIL) continue;
            const message = sdk.provider.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
            const outputs = fromWire(message.getProperties()?.toJavaScript() ?? {}, {
                label: "the provider",
                unknowns: false,
            });
            const reasons = message.getReasonsList();
            const unfinished = { id: message.getId(), outputs: markAgain(outputs, given), reasons };
            return new HostError(details, { unfinished });
        }
    }
    return new HostError(details);
}
