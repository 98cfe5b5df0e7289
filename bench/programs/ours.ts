import * as xai from "pulumi-xai";
import { count, qpm } from "./size.js";

for (let index = 0; index < count; index += 1) {
    new xai.XaiApiKey(`key-${index}`, { acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")], qpm });
}
