export * from "./engine/index";
