import { defineDeaths } from "./death.js";
import { localEngine } from "./localEngine.js";

defineDeaths(localEngine, "create");
