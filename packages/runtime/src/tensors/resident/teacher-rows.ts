import type { Side, StepRequest, TeacherView, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { SizeCheck } from "./table-size.js";

const SIDES: readonly Side[] = ["user", "item"];

/** Embeddings of teachers on a device: each table goes there once, when a loss first asks for rows of it. */
export interface TeacherTables {
  /** Rows of the requested entities, teacher by teacher. */
  rows(teachers: readonly TeacherView[], request: StepRequest): readonly Partial<Record<Side, Tensor2D>>[];
  dispose(): void;
}

/** @param checkSize refuses what the device does not take */
export function teacherTables(tf: Tf, checkSize: SizeCheck): TeacherTables {
  const held = new Map<Float32Array, Tensor2D>();
  const tableOf = (
    what: string,
    { cols, values }: { readonly cols: number; readonly values: Float32Array },
  ): Tensor2D => {
    const known = held.get(values);
    if (known) return known;
    const rows = values.length / cols;
    checkSize({ what, rows, cols }, (fits) => `take a teacher of at most dim: ${fits}`);
    const table = tf.keep(tf.tensor2d(values.slice(), [rows, cols]));
    held.set(values, table);
    return table;
  };
  return {
    rows: (teachers, request) =>
      teachers.map(({ name, embeddings }) =>
        Object.fromEntries(
          SIDES.flatMap((side) => {
            const ids = request.rows?.[side];
            const table = embeddings?.[side];
            if (!ids || !table) return [];
            const whole = tableOf(`the ${side} table of teacher ${name}`, table);
            return [[side, tf.gather(whole, tf.tensor1d(ids.slice(), "int32"))]];
          }),
        ),
      ),
    dispose() {
      for (const table of held.values()) table.dispose();
      held.clear();
    },
  };
}
