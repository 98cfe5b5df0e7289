import { expect, test } from "vitest";
import type { Operation } from "xai-management-emulator";
import { ALL_MANAGEMENT_ACLS } from "../../emulator/src/operations.js";
import { missingAcls, NEEDED_ACLS } from "../../provider/managementAcls.js";
import { SCENES } from "../faults/scenes.js";

const LIST = "team-token:endpoint:ListApiKeys";
const all = NEEDED_ACLS.map(({ acl }) => acl);

test("what is needed is what the emulator asks for, and what refusals name", () => {
    expect([...all].sort()).toEqual([...ALL_MANAGEMENT_ACLS].sort());
    const named = Object.values(SCENES)
        .filter(({ operation }: { operation: Operation }) => operation !== "validateManagementKey")
        .map(({ endpoint }) => `team-token:endpoint:${endpoint}`);
    expect(all).toEqual(expect.arrayContaining(named));
});

test.each([
    [all, []],
    [["team-token:endpoint:*"], []],
    [[...all, "team-token:endpoint:Another"], []],
    [all.filter((acl) => acl !== LIST), [LIST]],
    [[LIST], all.filter((acl) => acl !== LIST)],
    [[], all],
])("%j lacks %j", (acls, missing) => {
    expect(missingAcls(acls).map(({ acl }) => acl)).toEqual(missing);
});

test("each says for what it is needed, and is the caller's own", () => {
    expect(missingAcls([]).every(({ neededTo }) => /^[a-z]/.test(neededTo))).toBe(true);
    const [first] = missingAcls([]);
    expect(first).not.toBe(NEEDED_ACLS[0]);
    expect(first).toEqual(NEEDED_ACLS[0]);
});
