/** Folder of the bundle, which holds all modules side by side (`scripts/bundle.mjs`). */
const BUNDLE = "/dist/bundle/";

/**
 * URL of a module of this package that another process loads, such as `worker/main`. It is of the build also when a test runs
 * the sources, and of the bundle when this code runs from it: a process never holds two copies of one module.
 */
export function builtModule(name: string): string {
  const here = import.meta.url;
  const path = here.includes(BUNDLE) ? `./${name.replaceAll("/", "-")}.js` : `../../dist/${name}.js`;
  return new URL(path, here).href;
}
