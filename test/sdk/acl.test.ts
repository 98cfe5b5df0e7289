import { expect, test } from "vitest";
import { validateInputs } from "../../provider/apiKeyInputs.js";
import { acl } from "../../sdk/index.js";

test("permissions are the API's own strings, and arguments that pass", () => {
    const acls = [acl.model("grok-4"), acl.endpoint("chat"), acl.allModels, acl.allEndpoints];
    expect(acls).toEqual(["api-key:model:grok-4", "api-key:endpoint:chat", "api-key:model:*", "api-key:endpoint:*"]);
    expect(validateInputs({}, { name: "n", acls }, 0)).toEqual({ failures: [], warnings: [] });
});
