import { playCells } from "./faults.js";

playCells(["disable", "disableAtEnd"]);
