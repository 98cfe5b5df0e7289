import ts from "typescript";

/** The documentation of a declaration in the SDK, as other languages show it: without the examples, links as plain names. */
export function docOf(node: ts.Node): string {
    const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    return plain(ts.getTextOfJSDocComment(doc?.comment));
}

/** The documentation of a function's parameter. */
export function parameterDoc(node: ts.ParameterDeclaration): string {
    const [tag] = ts.getJSDocParameterTags(node);
    return plain(ts.getTextOfJSDocComment(tag?.comment)?.replace(/^- /, ""));
}

function plain(text = ""): string {
    return text
        .replace(/\{@link (?:\w+\.)*(\w+)\}/g, "`$1`")
        .replace(/([^\n])\n(?!\n)/g, "$1 ")
        .trim();
}
