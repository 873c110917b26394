import type { PluginManifest } from "@kdp/plugin-api";

/** A plugin that a run may use: its manifest, and where its code lies. Plain data, so that it can go to a worker. */
export interface PluginSource {
  readonly manifest: PluginManifest;
  /** URL of the module whose default export is the plugin. */
  readonly entry: string;
  /** Real path of the package's folder; a stack frame below it is the plugin's. */
  readonly folder: string;
}
