/** The resource's type in dynamic mode. Each class names the other as an alias, so that a stack changes its mode in place. */
export const DYNAMIC_TYPE = "pulumi-nodejs:dynamic/xai:ApiKey";
/** The resource's type in native mode. */
export const NATIVE_TYPE = "xai:index:XaiApiKey";
