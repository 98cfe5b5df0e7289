import { playCells } from "./faults.js";

// Two files, for two processors.
playCells(["create", "createNamed", "update", "rotate", "delete"]);
