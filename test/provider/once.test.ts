import { expect, test } from "vitest";
import { oncePerKey } from "../../provider/once.js";

function counting(answer: (key: string, count: number) => Promise<string>) {
    const asked: string[] = [];
    const ask = (key: string) => {
        asked.push(key);
        return answer(key, asked.length);
    };
    return { asked, ask };
}

test("each key is asked for once, by callers at the same time too", async () => {
    const { asked, ask } = counting(async (key) => `${key}!`);
    const once = oncePerKey("successes", ask);
    expect(await Promise.all([once("a"), once("b"), once("a")])).toEqual(["a!", "b!", "a!"]);
    expect(await once("a")).toBe("a!");
    expect(asked).toEqual(["a", "b"]);
});

const failsOnce = (_key: string, count: number) =>
    count === 1 ? Promise.reject(new Error("first")) : Promise.resolve("later");

test("a failure is shared by those who wait for it, and then forgotten where only successes are remembered", async () => {
    const { asked, ask } = counting(failsOnce);
    const once = oncePerKey("successes", ask);
    const both = await Promise.allSettled([once("a"), once("a")]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await once("a")).toBe("later");
    expect(asked).toHaveLength(2);
});

test("a failure stays where everything is remembered", async () => {
    const { asked, ask } = counting(failsOnce);
    const once = oncePerKey("everything", ask);
    await expect(once("a")).rejects.toThrow("first");
    await expect(once("a")).rejects.toThrow("first");
    expect(asked).toHaveLength(1);
});
