/**
 * A key whose secret is renewed by itself. Nothing rotates but `pulumi up`: run it on a schedule, once a day.
 *
 * After a leak:
 *
 *     pulumi config set incident leak-1    # any other value than before rotates
 *     pulumi config set overlap 0s         # the leaked secret stops working at once
 *     pulumi up
 */
import * as pulumi from "@pulumi/pulumi";
import * as xai from "pulumi-xai";

const settings = new pulumi.Config();

const search = new xai.XaiApiKey(
    "search",
    {
        acls: [xai.acl.model("grok-4"), xai.acl.endpoint("chat")],
        qpm: 600,
        // A secret that nobody renews dies by itself.
        expiresIn: "90d",
        rotation: {
            every: "30d",
            // For when `pulumi up` was not run for long.
            beforeExpiry: "7d",
            // Longer than the services keep a secret before they read it again.
            overlap: settings.get("overlap") ?? "48h",
            triggers: { incident: settings.get("incident") ?? "none" },
        },
    },
    { protect: true },
);

// A secret output: services read it with `pulumi stack output searchKey --show-secrets`, or by a stack reference.
export const searchKey = search.apiKey;
export const searchKeyExpires = search.expireTime;
export const searchKeyRotatedAt = search.rotatedAt;
export const oldSearchKeyWorksUntil = search.previousSecretExpiresAt;
