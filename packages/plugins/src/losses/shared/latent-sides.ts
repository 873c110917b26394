import { InputError, type Kernels, type LossContext, type Side } from "@kdp/plugin-api";

/** A side whose representations are distilled. */
export interface LatentSide {
  readonly side: Side;
  /** dS */
  readonly student: number;
  /** dT */
  readonly teacher: number;
  /** The teacher's rows `[entities, dT]`. */
  readonly table: Float32Array;
  /** Entities that the teacher has a row for: a row of zeros says that it has none. */
  readonly known: Uint8Array;
}

/**
 * The sides of which both teacher and student have representations.
 * @throws InputError KDP7206 when there is none
 */
export function latentSides(
  context: Pick<LossContext<unknown>, "teachers" | "width" | "note">,
): readonly [LatentSide, ...LatentSide[]] {
  const teacher = context.teachers[0];
  const found: LatentSide[] = [];
  for (const side of ["user", "item"] as const) {
    const table = teacher?.embeddings?.[side];
    const student = context.width[side];
    if (!table || student === 0) {
      const missing = table ? "the student" : `teacher ${teacher?.name}`;
      context.note(`${missing} has no ${side} representations: only the other side is distilled`);
      continue;
    }
    const known = knownRows(table.values, table.cols);
    const absent = known.length - known.reduce((n, k) => n + k, 0);
    if (absent > 0) context.note(`KDP7207: ${absent} of ${known.length} ${side}s have no teacher row and are left out`);
    found.push({ side, student, teacher: table.cols, table: table.values, known });
  }
  const [first, ...rest] = found;
  if (!first) {
    throw new InputError("KDP7206", `teacher ${teacher?.name} and student have representations of no common side`, {
      fix: "use a teacher with embeddings of users or items that the student has too, or a ranking loss",
    });
  }
  return [first, ...rest];
}

function knownRows(table: Float32Array, cols: number): Uint8Array {
  const known = new Uint8Array(table.length / cols);
  for (let at = 0; at < table.length; at++) if (table[at] !== 0) known[Math.floor(at / cols)] = 1;
  return known;
}

/** The listed entities that the teacher has a row for. */
export function withTeacherRow({ known }: LatentSide, ids: Int32Array): Int32Array {
  return ids.every((id) => known[id] === 1) ? ids : ids.filter((id) => known[id] === 1);
}

/**
 * Copies the teacher's rows of `ids` to `out` `[n, dT]`.
 * @param kernels given when `ids` and `out` lie in their memory; they then do it if the table lies there too
 */
export function gatherTeacher(
  { table, teacher }: LatentSide,
  ids: Int32Array,
  out: Float32Array,
  kernels?: Kernels,
): void {
  if (kernels && table.buffer === out.buffer) {
    kernels.gatherRows(table, teacher, ids, ids.length, out);
    return;
  }
  ids.forEach((id, r) => {
    out.set(table.subarray(id * teacher, (id + 1) * teacher), r * teacher);
  });
}
