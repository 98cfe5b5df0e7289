import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { blocksOf, type Page, pages, ROOT } from "./pages.js";

/**
 * The blocks of code with the info string `ts` compile, in the project's own strict mode, against the built packages. A block
 * with imports begins a program; one without goes on from the one before it on its page, in a scope of its own. Blocks with
 * another info string, such as `ts recipe`, need packages that are not installed here.
 */

/** What a page's first block stands on where it imports nothing. */
const HEAD = 'import * as pulumi from "@pulumi/pulumi"; import * as xai from "pulumi-xai";';

/** The programs of a page as files, each line where it stands on the page. Only an ES module can await at its top. */
function programsOf(page: Page): readonly (readonly [name: string, text: string])[] {
    const programs: string[][] = [];
    for (const { start, end } of blocksOf(page).filter(({ info }) => info === "ts")) {
        const code = page.lines.slice(start + 1, end);
        const isHead = code.some((line) => line.startsWith("import "));
        if (isHead || programs.length === 0) {
            programs.push([isHead ? "" : HEAD, ...page.lines.slice(1).map(() => "")]);
        }
        programs.at(-1)?.splice(start, end - start + 1, isHead ? "" : "{", ...code, isHead ? "" : "}");
    }
    return programs.map((lines, index) => {
        const text = lines.join("\n");
        const extension = /^(?:const .*= )?await /m.test(text) ? "mts" : "cts";
        return [join(ROOT, `${page.name}.${index}.${extension}`), text];
    });
}

test("every program on a page compiles", () => {
    const files = new Map(pages().flatMap(programsOf));
    expect(files.size).toBeGreaterThan(10);
    const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
    const checked = { ...options, noUnusedLocals: false, noUnusedParameters: false };
    const host = ts.createCompilerHost(checked);
    const { fileExists, readFile } = host;
    host.fileExists = (name) => files.has(name) || fileExists(name);
    host.readFile = (name) => files.get(name) ?? readFile(name);
    const program = ts.createProgram([...files.keys()], checked, host);
    const errors = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
        const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
        return `${file?.fileName.slice(ROOT.length + 1)}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    expect(errors).toEqual([]);
});
