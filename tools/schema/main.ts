import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { schemaText } from "./schema.js";

/** `npm run schema`: writes `schema.json`, which the native plugin hands out. A test fails where it is not up to date. */
writeFileSync(resolve(__dirname, "../../schema.json"), schemaText());
