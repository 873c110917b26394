#!/usr/bin/env node
import module from "node:module";

// Compiled code is kept between calls where Node can do that (from 22 on): the command then starts sooner.
module.enableCompileCache?.();
await import("../dist/main.js");
