import { playCells } from "./faults.js";

playCells(["adoptList", "adoptRotate", "adoptUpdate"]);
