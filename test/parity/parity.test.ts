import { describe, expect, it } from "vitest";
import { listedInDocs, scenarioLines } from "./docs.js";
import { Normaliser } from "./normalise.js";
import { recordedScenarios } from "./records.js";

describe("the records of the real engine", () => {
    it("are listed in the docs", () => {
        expect(recordedScenarios().length).toBeGreaterThan(30);
        expect(listedInDocs()).toEqual(scenarioLines());
    });
});

describe("a record", () => {
    const one = "0b0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";
    const two = "1c0a1f5e-6f0e-4b5a-9a53-2f0b7f3c9d11";

    it("says the same of two runs that differ in ids, secrets, times and ports alone", () => {
        const run = (first: string, second: string, secret: string, port: number, at: Date) =>
            new Normaliser().value({
                ids: [first, second, first],
                secret: `xai-${secret.repeat(25)}`,
                url: `http://127.0.0.1:${port}`,
                createTime: at.toISOString(),
                given: { acls: secret },
                redactedApiKey: `xai-...${secret}`,
            });
        const record = run(one, two, "a", 4000, new Date());
        expect(record).toEqual(run(two, one, "b", 5000, new Date(Date.now() - 5000)));
        expect(record).toMatchObject({ ids: ["<id 1>", "<id 2>", "<id 1>"], given: ["acls"] });
    });

    it("says the same where the CLI names a command of its own for a protected resource", () => {
        const hint = (text: string) => new Normaliser().text(`it is protected. To unprotect the resource, ${text}`);
        const flag = "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
        const cli = hint(`either ${flag}, or use the command:\n\`pulumi state unprotect 'urn:pulumi:a::b::c::d'\``);
        expect(cli).toBe(hint(flag));
        expect(cli).not.toBe(hint("delete it"));
    });

    it("shows a key that was taken for another, another field, and a time of the program's own", () => {
        const normalised = (value: unknown) => new Normaliser().value(value);
        expect(normalised([one, one])).not.toEqual(normalised([one, two]));
        expect(normalised({ given: { acls: "a" } })).not.toEqual(normalised({ given: { name: "a" } }));
        expect(normalised("2031-01-01T00:00:00Z")).not.toEqual(normalised("2032-01-01T00:00:00Z"));
    });
});
