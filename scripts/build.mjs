import { build, install, requireNode } from "./lib.mjs";

requireNode();
install();
build();
