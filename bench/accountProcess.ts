/** The process of an `Account`: an emulator behind a wire that counts. */
import { type RecordedRequest, startEmulator } from "xai-management-emulator";
import type { AccountOptions, Propagated, Question, Seen } from "./account.js";
import { countingWire } from "./wire.js";

async function main(options: AccountOptions): Promise<void> {
    const emulator = await startEmulator(options.emulator);
    for (let key = 0; key < options.otherKeys; key += 1) {
        emulator.addKey({ name: `someone-elses-${key}` });
    }
    const wire = await countingWire(Number(new URL(emulator.url).port));

    function seen(): Seen {
        const { requests } = emulator;
        const answer = {
            requests: emulator.countRequests(),
            total: requests.length,
            refused: requests.filter(({ status }) => status === 429).length,
            bytes: wire.bytes,
            connections: wire.connections,
            propagation: propagationOf(requests, (name) => emulator.keys().find((key) => key.name === name)?.apiKeyId),
        };
        emulator.clearRequests();
        wire.clear();
        return answer;
    }

    process.on("message", (question: Question) => {
        if (question === "seen") {
            process.send?.(seen());
        } else {
            void Promise.all([wire.close(), emulator.close()]).then(() => process.disconnect());
        }
    });
    process.send?.({ ...emulator.env, XAI_MANAGEMENT_BASE_URL: `http://127.0.0.1:${wire.port}` });
}

/** How each key that was made in these requests was followed. */
function propagationOf(
    requests: readonly RecordedRequest[],
    idOf: (name: string) => string | undefined,
): readonly Propagated[] {
    const checks = new Map<string, number[]>();
    for (const { path, at } of requests.filter(({ operation }) => operation === "checkApiKeyPropagation")) {
        const id = path.split("/")[3] ?? "";
        checks.set(id, [...(checks.get(id) ?? []), at]);
    }
    return requests.flatMap(({ operation, status, body, at }) => {
        const name: unknown = Reflect.get(Object(body), "name");
        if (operation !== "createApiKey" || status !== 200 || typeof name !== "string") {
            return [];
        }
        const own = checks.get(idOf(name) ?? "") ?? [];
        return own.length === 0 ? [] : [{ checks: own.length, lastAfter: Math.max(...own) - at }];
    });
}

void main(JSON.parse(process.argv[2] ?? "{}"));
