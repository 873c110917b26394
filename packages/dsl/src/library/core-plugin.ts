/** Name that stands in the plan where others have a plugin: stages whose code is the runtime's own. */
export const CORE_PLUGIN = "kdp";
