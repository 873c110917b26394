import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Configure, createRuntime, librarySource, type RunEvent, type RunOptions } from "@kdp/runtime";
import { TestProject } from "./harness.js";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Sixty users with tastes: user `u` takes the items of its group and a few others. Tab-separated, with a header. */
export function tastes(): string {
  const rows = ["user\titem"];
  for (let user = 0; user < 60; user++) {
    for (let item = 0; item < 40; item++) {
      const own = item % 4 === user % 4;
      if (own ? (user + item) % 5 !== 0 : (user * 7 + item * 3) % 23 === 0) rows.push(`u${user}\ti${item}`);
    }
  }
  return `${rows.join("\n")}\n`;
}

/** A project whose pipelines are compiled by the language and run by the standard library. */
export class LibraryProject extends TestProject {
  readonly library = [librarySource("@kdp/plugins", HERE)];

  override options(options: Partial<RunOptions> = {}): RunOptions {
    return { file: this.file, library: this.library, workingFolder: this.folder, ...options };
  }

  async planText(text: string, options: Partial<RunOptions> = {}) {
    this.write("test.kdp", text);
    return createRuntime().plan(this.options(options));
  }

  async runText(text: string, options: Partial<RunOptions> = {}, configure?: Configure) {
    this.write("test.kdp", text);
    const events: RunEvent[] = [];
    const result = await createRuntime(configure).run(this.options(options), (event) => events.push(event));
    const statuses = Object.fromEntries((result.manifest?.nodes ?? []).map(({ id, status }) => [id, status]));
    return { ...result, events, statuses };
  }
}
