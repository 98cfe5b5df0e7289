import ts from "typescript";
import { docOf } from "./docs.js";

/** The SDK's types as those of a Pulumi schema. Read from the syntax: the types say themselves what is an input, and what is optional. */

/** A type or a property of a Pulumi schema. */
export type Spec = Record<string, unknown>;

/** The properties of an object, and which of them are always there. */
export interface ObjectSpec {
    readonly properties: Record<string, Spec>;
    readonly required?: readonly string[];
}

const ANY = { $ref: "pulumi.json#/Any" };
/** What wraps a type and adds nothing that a schema says. */
const WRAPPERS: ReadonlySet<string> = new Set(["Input", "Output", "Optional", "Promise", "Readonly"]);
/** Numbers that are no integers. */
const FRACTIONS: ReadonlySet<string> = new Set(["ModelPrices", "ModelPricesLongContext", "ResolutionPrice"]);

/** The declarations of the SDK, and the types of the schema that are used so far. */
export class Types {
    readonly used: Record<string, Spec> = {};
    readonly #declarations = new Map<string, ts.InterfaceDeclaration | ts.TypeAliasDeclaration>();

    constructor(files: readonly ts.SourceFile[]) {
        for (const statement of files.flatMap((file) => [...file.statements])) {
            if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
                this.#declarations.set(statement.name.text, statement);
            }
        }
    }

    /** The properties of an interface, or of the interfaces that a type joins. */
    object(name: string): ObjectSpec {
        return objectSpec(this.#members(name), name, this);
    }

    /** A type in the schema. `owner` names it where it has no name of its own. */
    spec(node: ts.TypeNode, owner: string): Spec {
        if (ts.isParenthesizedTypeNode(node) || ts.isTypeOperatorNode(node)) {
            return this.spec(node.type, owner);
        }
        if (ts.isArrayTypeNode(node)) {
            return { type: "array", items: this.spec(node.elementType, owner) };
        }
        if (ts.isUnionTypeNode(node)) {
            const specs = node.types.filter((one) => !isAbsent(one)).map((one) => this.spec(one, owner));
            const different = [...new Map(specs.map((spec) => [JSON.stringify(spec), spec])).values()];
            return different.length === 1 ? (different[0] ?? ANY) : { oneOf: different };
        }
        if (ts.isTypeReferenceNode(node)) {
            return this.#reference(node, owner);
        }
        if (ts.isTypeLiteralNode(node)) {
            return this.#named(owner, docOf(node.parent), () => objectSpec([...node.members], owner, this));
        }
        switch (node.kind) {
            case ts.SyntaxKind.StringKeyword:
            case ts.SyntaxKind.LiteralType:
            case ts.SyntaxKind.IntersectionType:
                // A text with known values may have others, too.
                return { type: "string" };
            case ts.SyntaxKind.BooleanKeyword:
                return { type: "boolean" };
            case ts.SyntaxKind.NumberKeyword:
                return { type: FRACTIONS.has(owner) ? "number" : "integer" };
            default:
                return ANY;
        }
    }

    #reference(node: ts.TypeReferenceNode, owner: string): Spec {
        const name = ts.isQualifiedName(node.typeName) ? node.typeName.right.text : node.typeName.text;
        const [argument] = node.typeArguments ?? [];
        if (WRAPPERS.has(name) && argument !== undefined) {
            return this.spec(argument, owner);
        }
        const declaration = this.#declarations.get(name);
        if (declaration === undefined) {
            return { type: "object", additionalProperties: ANY };
        }
        if (ts.isTypeAliasDeclaration(declaration)) {
            return this.spec(declaration.type, owner);
        }
        return this.#named(name.replace(/Args$/, ""), docOf(declaration), () => this.object(name));
    }

    #named(name: string, description: string, object: () => ObjectSpec): Spec {
        const { properties, required } = object();
        if (Object.keys(properties).length === 0) {
            return { type: "object", additionalProperties: ANY };
        }
        this.used[`xai:index:${name}`] = { type: "object", ...(description && { description }), properties, required };
        return { $ref: `#/types/xai:index:${name}` };
    }

    #members(name: string): readonly ts.TypeElement[] {
        const declaration = this.#declarations.get(name);
        if (declaration === undefined) {
            throw new Error(`The SDK has no type ${name}.`);
        }
        if (ts.isTypeAliasDeclaration(declaration)) {
            return this.#joined(declaration.type);
        }
        const inherited = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
            types.flatMap(({ expression }) => this.#members(expression.getText())),
        );
        // An object whose fields are not all known is any object.
        return declaration.members.some(ts.isIndexSignatureDeclaration) ? [] : [...inherited, ...declaration.members];
    }

    #joined(node: ts.TypeNode): readonly ts.TypeElement[] {
        if (ts.isParenthesizedTypeNode(node)) {
            return this.#joined(node.type);
        }
        if (ts.isIntersectionTypeNode(node) || ts.isUnionTypeNode(node)) {
            return node.types.flatMap((one) => this.#joined(one));
        }
        if (ts.isTypeLiteralNode(node)) {
            return [...node.members];
        }
        return ts.isTypeReferenceNode(node) && this.#declarations.has(node.typeName.getText())
            ? this.#members(node.typeName.getText())
            : [];
    }
}

/** The properties among the members of a type. One that only some of the joined types have is optional. */
export function objectSpec(members: readonly ts.Node[], owner: string, types: Types): ObjectSpec {
    const properties: Record<string, Spec> = {};
    const required: string[] = [];
    const optional = new Set<string>();
    for (const member of members) {
        const isProperty = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
        if (!isProperty || member.type === undefined) {
            continue;
        }
        const name = member.name.getText();
        if (member.questionToken !== undefined || mayBeAbsent(member.type)) {
            optional.add(name);
        }
        if (onlyAbsent(member.type)) {
            continue;
        }
        const description = docOf(member);
        const inner = ts.isTypeLiteralNode(member.type) ? owner + name[0]?.toUpperCase() + name.slice(1) : owner;
        properties[name] = { ...types.spec(member.type, inner), ...(description && { description }) };
        required.push(name);
    }
    return { properties, required: [...new Set(required)].filter((name) => !optional.has(name)) };
}

function isAbsent(node: ts.TypeNode): boolean {
    const isNull = ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword;
    return isNull || node.kind === ts.SyntaxKind.UndefinedKeyword;
}

function onlyAbsent(node: ts.TypeNode): boolean {
    return ts.isUnionTypeNode(node) ? node.types.every(isAbsent) : isAbsent(node);
}

function mayBeAbsent(node: ts.TypeNode): boolean {
    if (ts.isTypeReferenceNode(node)) {
        return (node.typeArguments ?? []).some(mayBeAbsent);
    }
    return ts.isUnionTypeNode(node) && node.types.some(isAbsent);
}
