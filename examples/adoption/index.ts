/**
 * Two keys that were made in the xAI Console, adopted by a stack. No key is created.
 *
 *     pulumi config set billingKeyId <id>      # from the xAI Console
 *     pulumi config set --secret billingKey    # asks for the secret
 *     pulumi config set reportsKeyId <id>
 *     pulumi preview                           # says which settings will change
 *
 * Once `pulumi up` has adopted them, `adoptKeyId` and `existingSecret` can be taken out, here and in the configuration: that
 * changes nothing.
 */
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

const settings = new pulumi.Config();

// Its services keep the secret that they have.
const billing = new xai.XaiApiKey(
    "billing",
    {
        adoptKeyId: settings.require("billingKeyId"),
        existingSecret: settings.requireSecret("billingKey"),
        name: "billing",
        acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
        qpm: 300,
        onDelete: "disable",
    },
    { protect: true },
);

// Nobody has its secret at hand: it gets a new one. The one that its services use works for another 24 hours.
const reports = new xai.XaiApiKey(
    "reports",
    {
        adoptKeyId: settings.require("reportsKeyId"),
        name: "reports",
        acls: [xai.acl.model("grok-3"), xai.acl.endpoint("chat")],
        onDelete: "disable",
    },
    { protect: true },
);

// Secret outputs: services read them with `pulumi stack output billingKey --show-secrets`, or by a stack reference.
export const billingKey = billing.apiKey;
export const reportsKey = reports.apiKey;
export const oldReportsKeyWorksUntil = reports.previousSecretExpiresAt;
