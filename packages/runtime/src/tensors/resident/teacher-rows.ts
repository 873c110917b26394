import type { Side, StepRequest, TeacherView, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";

const SIDES: readonly Side[] = ["user", "item"];

/** Embeddings of teachers on a device: each table goes there once, when a loss first asks for rows of it. */
export interface TeacherTables {
  /** Rows of the requested entities, teacher by teacher. */
  rows(teachers: readonly TeacherView[], request: StepRequest): readonly Partial<Record<Side, Tensor2D>>[];
  dispose(): void;
}

export function teacherTables(tf: Tf): TeacherTables {
  const held = new Map<Float32Array, Tensor2D>();
  const tableOf = ({ cols, values }: { readonly cols: number; readonly values: Float32Array }): Tensor2D => {
    const known = held.get(values);
    if (known) return known;
    const table = tf.keep(tf.tensor2d(values.slice(), [values.length / cols, cols]));
    held.set(values, table);
    return table;
  };
  return {
    rows: (teachers, request) =>
      teachers.map(({ embeddings }) =>
        Object.fromEntries(
          SIDES.flatMap((side) => {
            const ids = request.rows?.[side];
            const table = embeddings?.[side];
            return ids && table ? [[side, tf.gather(tableOf(table), tf.tensor1d(ids.slice(), "int32"))]] : [];
          }),
        ),
      ),
    dispose() {
      for (const table of held.values()) table.dispose();
      held.clear();
    },
  };
}
