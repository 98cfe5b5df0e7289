import { defineDeaths } from "./death.js";
import { pulumiCli } from "./pulumiCli.js";

defineDeaths(pulumiCli(), "create");
