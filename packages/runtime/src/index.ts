export type * from "./events/events.js";
export { EXIT_CODE, type FaultData, type FaultKind, RuntimeFault } from "./faults.js";
export type * from "./run/manifest.js";
export type { ArtefactMeta, Facts } from "./store/artefact.js";
