import type { OpType } from "@pulumi/pulumi/automation";

/** What happens to a resource. */
export type Verb = "create" | "update" | "replace" | "delete" | "import";

/** The steps that count. A replacement has three, of which `replace` stands for all. */
export const VERBS: Partial<Record<OpType, Verb>> = {
    create: "create",
    update: "update",
    replace: "replace",
    delete: "delete",
    import: "import",
};
