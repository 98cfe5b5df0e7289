/** The process of an account. */
import { startEmulator } from "xai-management-emulator";
import { z } from "zod";

const optionsSchema = z.object({
    otherKeys: z.number(),
    rateLimit: z.object({ perSecond: z.number(), retryAfter: z.enum(["seconds", "none"]) }).optional(),
});

async function main(): Promise<void> {
    const { otherKeys, rateLimit } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ""));
    const emulator = await startEmulator(rateLimit === undefined ? {} : { rateLimit });
    for (let key = 0; key < otherKeys; key += 1) {
        emulator.addKey({ name: `someone-elses-${key}` });
    }
    process.on("message", () => {
        process.send?.(emulator.countRequests());
        emulator.clearRequests();
    });
    process.on("disconnect", () => process.exit());
    process.send?.(emulator.env);
}

void main();
