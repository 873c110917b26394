import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RuntimeFault } from "../faults.js";
import { readConfig } from "./config.js";
import { resolveNodeFile } from "./node-files.js";
import { openProject } from "./project.js";
import { projectRoot } from "./root.js";

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "kdp-project-")));
});
afterEach(() => rmSync(base, { recursive: true }));

function write(name: string, text = ""): string {
  const path = join(base, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function faultOf(body: () => unknown) {
  try {
    body();
  } catch (error) {
    if (error instanceof RuntimeFault) return error.data;
    throw error;
  }
  return null;
}

describe("the project root", () => {
  it.each(["kdp.config.json", "package.json"])("is the nearest folder above with %s", (mark) => {
    write(`team/${mark}`, "{}");
    write("package.json", "{}");
    mkdirSync(join(base, "team/pipelines/deep"), { recursive: true });
    expect(projectRoot(join(base, "team/pipelines/deep"))).toBe(join(base, "team"));
    expect(projectRoot(join(base, "team"))).toBe(join(base, "team"));
  });

  it("is where .git is", () => {
    mkdirSync(join(base, "repo/.git"), { recursive: true });
    mkdirSync(join(base, "repo/a"));
    expect(projectRoot(join(base, "repo/a"))).toBe(join(base, "repo"));
  });
});

describe("kdp.config.json", () => {
  it("sets severities and jobs", () => {
    expect(readConfig(base)).toEqual({ severity: {}, jobs: null });
    write("kdp.config.json", '{ "severity": { "KDP3305": "off" }, "jobs": 3 }');
    expect(readConfig(base)).toEqual({ severity: { KDP3305: "off" }, jobs: 3 });
  });

  it.each([
    ["{", "it is not JSON"],
    ["[]", "it must hold one object"],
    ['{ "severities": {} }', '"severities" is not a setting; known are "severity" and "jobs"'],
    ['{ "severity": { "3305": "off" } }', '"severity.3305" is not a code such as KDP3305'],
    ['{ "severity": { "KDP3305": "none" } }', '"severity.KDP3305" must be one of error, warning, hint, off'],
    ['{ "severity": { "KDP3999": "off" } }', '"severity.KDP3999" is not a code of the language'],
    ['{ "severity": { "KDP2204": "warning" } }', '"severity.KDP2204" is an error of the language, and stays one'],
    ['{ "jobs": 0 }', '"jobs" must be 1 or more'],
  ])("%s is refused", (text, why) => {
    write("kdp.config.json", text);
    const fault = faultOf(() => readConfig(base));
    expect(fault).toMatchObject({ code: "KDP5509", kind: "user", place: join(base, "kdp.config.json") });
    expect(fault?.message).toContain(why);
  });
});

describe("a file of a node", () => {
  function resolver(allowOutside = false) {
    write("project/package.json", "{}");
    const pipeline = write("project/pipelines/p.kdp");
    const project = openProject(pipeline, base);
    return (path: string, from: "pipeline" | "set" = "pipeline") =>
      resolveNodeFile({ param: "source", path, base: from === "set" ? null : project.pipelineFolder }, "ratings", {
        project,
        allowOutside,
      });
  }

  it("is found from the pipeline's folder, or from the working directory for --set", () => {
    const inside = write("project/data.tsv");
    const near = write("near.tsv");
    expect(resolver()("../data.tsv")).toBe(inside);
    expect(resolver()("near.tsv", "set")).toBe(near);
  });

  it("must be there and be a file", () => {
    const missing = faultOf(() => resolver()("nothing.tsv"));
    expect(missing).toMatchObject({
      code: "KDP7001",
      kind: "user",
      message: 'there is no file "nothing.tsv"',
      place: "ratings",
    });
    expect(missing?.fix).toContain(join(base, "project/pipelines/nothing.tsv"));
    write("project/pipelines/ratings.tsv");
    expect(faultOf(() => resolver()("raitings.tsv"))?.message).toMatch(/; did you mean "ratings\.tsv"\?$/);
    expect(faultOf(() => resolver()("../pipelines"))).toMatchObject({ code: "KDP7011" });
  });

  it("may not lie outside the project, by dots or by a link, unless that is allowed", () => {
    const outside = write("secret.tsv");
    write("project/x");
    symlinkSync(outside, join(base, "project/link.tsv"));
    for (const path of ["../../secret.tsv", outside, "../link.tsv", "../../not-there.tsv"]) {
      expect(
        faultOf(() => resolver()(path)),
        path,
      ).toMatchObject({ code: "KDP7013", kind: "user" });
    }
    expect(resolver(true)("../../secret.tsv")).toBe(outside);
  });

  it("of a package is found as Node finds it", () => {
    const file = write("project/node_modules/@acme/data/files/a.tsv", "x");
    write("project/node_modules/@acme/data/hidden.tsv", "x");
    write(
      "project/node_modules/@acme/data/package.json",
      '{ "name": "@acme/data", "version": "2.0.0", "exports": { "./files/*": "./files/*" } }',
    );
    expect(resolver()("npm:@acme/data/files/a.tsv")).toBe(file);
    expect(faultOf(() => resolver()("npm:@acme/data/hidden.tsv"))).toMatchObject({
      code: "KDP7001",
      message: 'the package "@acme/data" (2.0.0) does not offer file "hidden.tsv"',
    });
    expect(faultOf(() => resolver()("npm:@acme/other/a.tsv"))).toMatchObject({
      code: "KDP7001",
      message: 'the package "@acme/other" is not installed',
      fix: "install it in the project: npm install @acme/other",
    });
    for (const path of ["npm:@acme/data", "npm:../secret.tsv", "npm:@acme/data/../../x"]) {
      expect(
        faultOf(() => resolver()(path)),
        path,
      ).toMatchObject({ code: "KDP7001", fix: 'write "npm:<package>/<file>"' });
    }
  });
});
