import { playCells } from "./faults.js";

playCells(["list", "listLater", "propagation", "models", "endpoints", "validation"]);
