import * as xai from "pulumi-xai";

/** The keys of a shop's services: what a stack's `index.ts` would export. */
export function shopKeys(searchModel: string) {
    const search = new xai.XaiApiKey("search", {
        acls: [xai.acl.model(searchModel), xai.acl.endpoint("chat")],
        qpm: 100,
    });
    const thumbnails = new xai.XaiApiKey("thumbnails", {
        acls: [xai.acl.model("grok-2-image"), xai.acl.endpoint("image")],
    });
    return { searchKey: search.apiKey, thumbnailsKey: thumbnails.apiKey };
}
