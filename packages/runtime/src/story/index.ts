// What the nodes of a run are to each other: teachers, plain students, distilled ones, seeds of one model. Imports nothing at
// run time, so that `kdp graph` can tell the story without the engine.
export { baselineOf, type StorySeries } from "./baseline.js";
export { type GroupedSeries, groupSeries, type SeriesNode } from "./group-series.js";
export { isModel, rolesOf, type StoryNode, type StoryRole } from "./roles.js";
export { cellKey, onlyAxes, seedAxes, withoutAxes } from "./seed-axes.js";
