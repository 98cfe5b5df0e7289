import { label } from "../api/apiKeys.js";
import { XaiError } from "../api/errors.js";
import { same } from "../fields.js";
import { afterRotation, settled } from "./applied.js";
import type { OperationContext, Properties } from "./context.js";
import { diffState } from "./diff.js";
import { disabledWarning } from "./diffWarnings.js";
import { isPast } from "./expiry.js";
import { keeping } from "./initializationError.js";
import { expiryOf, type Inputs, overlapOf, parseInputs } from "./inputs.js";
import { finishPropagation, unpropagated } from "./propagation.js";
import { NoRotationError, rotateKey } from "./rotate.js";
import { requireItsSecret } from "./secret.js";
import { type KeyState, parseState, withoutPending } from "./state.js";
import { writeFields } from "./write.js";

/**
 * Changes a key in place: gives it a new secret where a rotation is due, sends the fields that changed, and goes on with what is
 * pending.
 *
 * @throws InitializationError where a part is done; KeyGoneError for a key that no longer exists; what the API refuses with
 * where nothing has changed.
 */
export async function update(
    context: OperationContext,
    id: string,
    outputs: Properties,
    inputs: Properties,
): Promise<KeyState> {
    const before = parseState(outputs);
    if (before === undefined) {
        throw new XaiError(
            `The stack's state of API key ${JSON.stringify(inputs["name"] ?? id)} is not that of an XaiApiKey: it has no \`apiKeyId\` or no \`teamId\`. If an alias moved a dynamic resource of your own here, take the alias out. Give the old resource the option \`retainOnDelete: true\` and run \`pulumi up\`; then replace it by an \`XaiApiKey\` with \`adoptKeyId\` and \`existingSecret\`.`,
        );
    }
    context.registry.hold(before.apiKeyId);
    return bringTo(context, before, inputs);
}

/**
 * Brings a key that exists to what the program gives. The rotation comes first, so that a leaked secret is not switched on
 * again on the way.
 */
export async function bringTo(context: OperationContext, before: KeyState, inputs: Properties): Promise<KeyState> {
    const news = parseInputs(inputs);
    const given = withExistingSecret(before, news);
    const { rotates } = diffState(given, inputs);
    const rotated = rotates || given.pending?.includes("secret") ? await rotate(context, given, news, inputs) : given;
    const step = async () => {
        const { fields } = diffState(rotated, inputs);
        const wasOff = rotated.disabled;
        const written = await writeFields(context, rotated, fields, inputs);
        return wasOff ? unpropagated(written, news) : written;
    };
    const written = await (rotated === before ? step() : keeping(rotated, step));
    const done = settled(written, inputs);
    if (done.disabled && news.disabled !== true) {
        context.warn(disabledWarning(done, news.disabled));
    }
    return finishPropagation(context, done, news);
}

/** The state with the secret that the program gives, where the stack holds none: after an import. */
function withExistingSecret(state: KeyState, { existingSecret }: Inputs): KeyState {
    if (!existingSecret || state.apiKey !== undefined) {
        return state;
    }
    requireItsSecret(state, existingSecret);
    return { ...withoutPending(state, "secret"), apiKey: existingSecret };
}

/** Rotates. Where the server cannot, a pending secret that no rotation of the program renews is dropped with a warning. */
async function rotate(context: OperationContext, state: KeyState, news: Inputs, inputs: Properties): Promise<KeyState> {
    const expiry = expiryOf(inputs);
    // An expiry that has passed is not sent: the update that follows says so.
    const renews =
        typeof expiry === "string" &&
        !same("expireTime", expiry, state.expireTime) &&
        !isPast(expiry, context.account.now());
    // Nobody has a secret that the stack does not hold.
    const overlap = state.apiKey === undefined ? 0 : overlapOf(news);
    try {
        const rotation = { overlap, expireTime: renews ? expiry : undefined };
        const made = unpropagated(await rotateKey(context.account, state, rotation), news);
        return { ...made, applied: afterRotation(made, inputs) };
    } catch (error) {
        if (error instanceof NoRotationError && state.apiKey !== undefined && !news.rotation) {
            context.warn(
                `${label(state)} may have another secret than the stack holds: the answer to an earlier rotation was lost, and this server cannot rotate it (${error.what}). Check in the xAI Console whether ${state.redactedApiKey ?? "the stack's secret"} is still shown.`,
            );
            return withoutPending(state, "secret");
        }
        throw error;
    }
}
