import { playCells } from "./faults.js";

// More files than one, for more processors than one.
playCells(["create", "createNamed", "update", "rotate", "delete"]);
