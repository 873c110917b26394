import type * as Chevrotain from "chevrotain";

/**
 * Chevrotain, loaded fast. Its entry point pulls in more than 600 small files of lodash-es, some 290 ms at each start of the
 * command line; the package also ships all of it as one file, 10 ms, but does not export that. So the file is looked for beside
 * the entry point, and the entry point itself is taken where there is none (in a browser bundle, in another layout).
 */
async function load(): Promise<typeof Chevrotain> {
  const bundle = bundleUrl();
  if (bundle) {
    try {
      return (await import(/* @vite-ignore */ bundle)) as typeof Chevrotain;
    } catch {
      // Not there: the entry point below has the same contents.
    }
  }
  return import("chevrotain");
}

function bundleUrl(): string | null {
  try {
    const entry = import.meta.resolve("chevrotain");
    return entry.endsWith("/lib/src/api.js") ? new URL("../chevrotain.min.mjs", entry).href : null;
  } catch {
    return null;
  }
}

export const { createToken, createTokenInstance, CstParser, EOF, generateCstDts, Lexer } = await load();
