import { expect, test } from "vitest";
import {
    createUrn,
    displayType,
    isDefaultProvider,
    parseUrn,
    providerId,
    providerUrn,
} from "../../../sdk/testing/engine/urn.js";

test("a URN names stack, project, the types of all ancestors but the stack, and the resource", () => {
    const stack = createUrn("dev", "p", "", "pulumi:pulumi:Stack", "p-dev");
    const group = createUrn("dev", "p", stack, "test:Group", "g");
    const thing = createUrn("dev", "p", group, "a:b:C", "n::m");
    expect(stack).toBe("urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev");
    expect(group).toBe("urn:pulumi:dev::p::test:Group::g");
    expect(thing).toBe("urn:pulumi:dev::p::test:Group$a:b:C::n::m");
    expect(parseUrn(thing)).toEqual({
        stack: "dev",
        project: "p",
        qualifiedType: "test:Group$a:b:C",
        type: "a:b:C",
        name: "n::m",
    });
});

test("a reference to a provider is its URN and its id", () => {
    const urn = createUrn("dev", "p", "", "pulumi:providers:pulumi-nodejs", "default");
    expect(providerUrn(`${urn}::some-id`)).toBe(urn);
    expect(providerId(`${urn}::some-id`)).toBe("some-id");
    expect(isDefaultProvider(urn)).toBe(true);
    expect(isDefaultProvider(createUrn("dev", "p", "", "pulumi:providers:pulumi-nodejs", "mine"))).toBe(false);
});

test("types are shown as the CLI shows them", () => {
    expect(displayType("aws:s3/bucket:Bucket")).toBe("aws:s3:Bucket");
    expect(displayType("pulumi-nodejs:dynamic/xai:ApiKey")).toBe("pulumi-nodejs:dynamic/xai:ApiKey");
    expect(displayType("pulumi-nodejs:dynamic:Resource")).toBe("pulumi-nodejs:dynamic:Resource");
});
