import { expect, test } from "vitest";
import { Child } from "../../../sdk/testing/engine/processes.js";

const PROGRAM = `
const { runtime } = require("@pulumi/pulumi");
const slow = /node_modules.(typescript.lib.typescript|@npmcli.arborist.lib.index)[.]js$/;
const loaded = () => Object.keys(require.cache).filter((file) => slow.test(file)).length;
console.log("at the start", loaded());
runtime.serializeFunction((x) => x + 1).then(({ text }) => console.log("at work", loaded(), text.includes("x + 1")));
`;

test("Pulumi's SDK loads what it serializes closures with when a child first does so, and then it works", async () => {
    const lines: string[] = [];
    const child = new Child({
        args: ["-e", PROGRAM],
        cwd: process.cwd(),
        env: process.env,
        onLine: (line, stream) => void (stream === "stdout" && lines.push(line)),
    });
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
    expect(lines).toEqual(["at the start 0", "at work 1 true"]);
});
