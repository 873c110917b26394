import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunManifest } from "@kdp/runtime";
import { expect, it } from "vitest";
import { sampleManifest } from "../../test/fixtures/manifest.js";
import { graphPicture } from "./graph-picture.js";
import { reportView } from "./view/report-view.js";

const manifest = sampleManifest();
const folder = (): string => mkdtempSync(join(tmpdir(), "kdp-graph-"));
const pictureOf = async (run: RunManifest, place: string | null): Promise<string> =>
  (await graphPicture(reportView(run), place)).text;

it("is drawn once, and read back for a run that looks the same", async () => {
  const place = folder();
  const drawn = await pictureOf(manifest, place);
  expect(drawn).toContain("<svg");
  const [file] = readdirSync(place);
  writeFileSync(join(place, file ?? ""), JSON.stringify("<svg>kept</svg>"));
  expect(await pictureOf({ ...manifest, seconds: 1 }, place)).toBe("<svg>kept</svg>");
  expect(await pictureOf(manifest, null)).toBe(drawn);
});

it("is drawn anew when a node ends another way", async () => {
  const place = folder();
  const drawn = await pictureOf(manifest, place);
  const nodes = manifest.nodes.map((node, index) => (index === 0 ? { ...node, status: "failed" as const } : node));
  expect(await pictureOf({ ...manifest, nodes }, place)).not.toBe(drawn);
  expect(readdirSync(place)).toHaveLength(2);
});

it("is drawn anew when its copy is not one", async () => {
  const place = folder();
  const drawn = await pictureOf(manifest, place);
  const [file] = readdirSync(place);
  writeFileSync(join(place, file ?? ""), "[1]");
  expect(await pictureOf(manifest, place)).toBe(drawn);
});
