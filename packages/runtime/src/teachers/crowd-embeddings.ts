import type { Kernels, Side } from "@kdp/plugin-api";
import type { Matrix } from "../tables/factors.js";
import type { Embeddings } from "./open-teacher.js";

/** Smallest length that a row is divided by: a row of zeros stays zero. */
const EPSILON = 1e-12;

export interface CrowdEmbeddings {
  readonly user: Matrix | null;
  readonly item: Matrix | null;
  /** Members whose rows they are made of. */
  readonly members: number;
}

/**
 * Embeddings of a crowd: a row is the concatenation of the members' L2-normalised rows, divided by √M, so that the cosine
 * of two rows is the mean of the members' cosines (rules 6). Members that have both sides make both; where there is none of
 * those, each side is made of the members that have it.
 */
export function crowdEmbeddings(kernels: Kernels, members: readonly (Embeddings | null)[]): CrowdEmbeddings {
  const known = members.filter((member) => member !== null);
  const whole = known.filter(({ user, item }) => user && item);
  const used = whole.length > 0 ? whole : known;
  return { user: sideOf(kernels, used, "user"), item: sideOf(kernels, used, "item"), members: used.length };
}

function sideOf(kernels: Kernels, members: readonly Embeddings[], side: Side): Matrix | null {
  const parts = members.flatMap((member) => (member[side] ? [member[side]] : []));
  const [first] = parts;
  if (!first) return null;
  const rows = first.values.length / first.cols;
  const cols = parts.reduce((sum, part) => sum + part.cols, 0);
  const values = new Float32Array(rows * cols);
  const scale = 1 / Math.sqrt(parts.length);
  let from = 0;
  for (const part of parts) {
    kernels.scope(() => {
      // A model may show a part of its tables (neumf), which lies outside kernel memory.
      const given = kernels.f32From(part.values);
      const unit = kernels.f32(given.length);
      kernels.normalizeRows(given, part.cols, rows, EPSILON, unit, kernels.f32(rows));
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < part.cols; c++) {
          values[row * cols + from + c] = (unit[row * part.cols + c] as number) * scale;
        }
      }
    });
    from += part.cols;
  }
  return { rows, cols, values };
}
