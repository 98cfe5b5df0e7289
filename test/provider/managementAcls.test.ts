import { expect, test } from "vitest";
import type { Operation } from "xai-management-emulator";
import { validateManagementKey } from "../../provider/api/managementKeys.js";
import { missingAcls, NEEDED_ACLS } from "../../provider/managementAcls.js";
import { SCENES } from "../faults/scenes.js";
import { httpFor } from "./apiClient.js";
import { emulate } from "./emulators.js";

const LIST = "team-token:endpoint:ListApiKeys";
const all = NEEDED_ACLS.map(({ acl }) => acl);

test("the needed permissions are ones that a management key can have, and those that refusals name", async () => {
    const { acls } = await validateManagementKey(httpFor(await emulate()).http);
    expect(acls).toEqual(expect.arrayContaining(all));
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
