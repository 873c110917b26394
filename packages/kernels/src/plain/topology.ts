import type { RawPart } from "../raw-kernels.js";
import { dot } from "./dot.js";

type TopologyKernels = RawPart<"gramF64" | "sumSquaresF64" | "cosineBlocks" | "cosineCross">;

/** Topology terms, pair by pair. */
export const plainTopology: TopologyKernels = {
  gramF64(a, aCols, b, bCols, n, out) {
    for (let i = 0; i < aCols; i++) {
      for (let j = 0; j < bCols; j++) {
        let sum = 0;
        for (let r = 0; r < n; r++) sum += a[r * aCols + i]! * b[r * bCols + j]!;
        out[i * bCols + j] = sum;
      }
    }
  },
  sumSquaresF64(x, n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i]! * x[i]!;
    return sum;
  },
  cosineBlocks({ teacher, teacherCols, student, studentCols, offsets, blocks, positiveOnly, weight, dStudent }) {
    let value = 0;
    for (let g = 0; g < blocks; g++) {
      for (let a = offsets[g]!; a < offsets[g + 1]!; a++) {
        for (let b = offsets[g]!; b < offsets[g + 1]!; b++) {
          const wanted = dot(teacher, a * teacherCols, teacher, b * teacherCols, teacherCols);
          if (positiveOnly && !(wanted > 0)) continue;
          const d = dot(student, a * studentCols, student, b * studentCols, studentCols) - wanted;
          value += d * d;
          for (let c = 0; c < studentCols; c++) {
            dStudent[a * studentCols + c]! += 2 * weight * d * student[b * studentCols + c]!;
            dStudent[b * studentCols + c]! += 2 * weight * d * student[a * studentCols + c]!;
          }
        }
      }
    }
    return value;
  },
  cosineCross(options) {
    const { teacherAnchors, teacherRows, teacherCols, studentAnchors, studentRows, studentCols } = options;
    const { anchors, rows, skip, weight, dAnchors, dRows } = options;
    let value = 0;
    for (let g = 0; g < anchors; g++) {
      for (let b = 0; b < rows; b++) {
        if (skip?.[b] === g) continue;
        const wanted = dot(teacherAnchors, g * teacherCols, teacherRows, b * teacherCols, teacherCols);
        const d = dot(studentAnchors, g * studentCols, studentRows, b * studentCols, studentCols) - wanted;
        value += d * d;
        for (let c = 0; c < studentCols; c++) {
          dRows[b * studentCols + c]! += 2 * weight * d * studentAnchors[g * studentCols + c]!;
          if (dAnchors) dAnchors[g * studentCols + c]! += 2 * weight * d * studentRows[b * studentCols + c]!;
        }
      }
    }
    return value;
  },
};
