import { expect, test } from "vitest";
import { UnclearCreateError } from "../../provider/api/apiKeys.js";
import { ServerError } from "../../provider/api/errors.js";
import { CreatesByName } from "../../provider/creates.js";

const ACTION = { endpoint: "CreateApiKey", description: "create a key" };
const unclear = () => new UnclearCreateError(ACTION, new ServerError(ACTION, "it failed", "Wait.", 500));

test("creates of a name have settled when the last one of them has, also one that began meanwhile", async () => {
    const creates = new CreatesByName();
    const ends: (() => void)[] = [];
    const create = (name: string) => creates.run("team", name, () => new Promise<void>((end) => ends.push(end)));
    const running = [create("n"), create("other")];
    let isSettled = false;
    const settled = creates.settled("team", " n").then(() => {
        isSettled = true;
    });
    running.push(create("n"));
    ends[0]?.();
    await running[0];
    expect(isSettled).toBe(false);
    ends[2]?.();
    await settled;
    ends[1]?.();
    await Promise.all(running);
});

test("lost ones are counted for each team and name until they are cleared up; what failed clearly is not lost", async () => {
    const creates = new CreatesByName();
    const fail = (team: string, error: Error) =>
        creates.run(team, "n", () => Promise.reject(error)).catch((caught: unknown) => caught);
    const error = unclear();
    expect(await fail("team", error)).toBe(error);
    await fail("team", unclear());
    await fail("other", unclear());
    await fail("team", new Error("clear"));
    expect([creates.lost("team", "n"), creates.lost("other", "n"), creates.lost("team", "m")]).toEqual([2, 1, 0]);
    creates.found("team", "n");
    expect(creates.lost("team", "n")).toBe(1);
});
