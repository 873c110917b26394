#!/usr/bin/env node
import { statSync } from "node:fs";
import module from "node:module";

/** When a file was written last; 0 when there is none. */
const writtenAt = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Compiled code is kept between calls where Node can do that (from 22 on): the command then starts sooner.
module.enableCompileCache?.();
// One file starts sooner than three hundred. In a clone a package may have been compiled since it was bundled.
const compiled = ["dsl", "runtime", "cli"].map((name) => writtenAt(`../../${name}/tsconfig.tsbuildinfo`));
const isCurrent = writtenAt("../dist/bundle/main.js") > Math.max(...compiled);
await import(isCurrent ? "../dist/bundle/main.js" : "../dist/main.js");
