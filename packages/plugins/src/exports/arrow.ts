import { defineExport, type ExportContext } from "@kdp/plugin-api";

/** Raised when a reader of older exports could misread a newer one. */
const VERSION = "1";

/**
 * Arrow IPC files. A dot-product model is `user.arrow` and `item.arrow`, each with the columns `id` (source id) and `factors`
 * (list of float32): score(u, i) is the inner product of the factors. Any other model is `<table>.arrow` for each of its own
 * tables (column `row`), with `user-ids.arrow` and `item-ids.arrow` beside them. `seen.arrow` has the training interactions as
 * row numbers (`user`, `item`), to be left out of recommendations.
 */
export const arrow = defineExport({
  doc: "Arrow IPC files: factors with their source ids, and the training interactions that a service leaves out.",
  needs: ["scores"],
  async write(context) {
    const { model, vocabulary } = context;
    const metadata = { "kdp.export": VERSION, "kdp.model": model.stage, "kdp.scorer": model.scorer };
    if (model.scorer === "dot") {
      for (const side of ["user", "item"] as const) {
        const factors = model.tables[side];
        if (!factors) throw new Error(`the dot-product model ${model.stage} has no table "${side}"`);
        await context.write(`${side}.arrow`, context.arrow({ id: vocabulary[side], factors }, metadata));
      }
    } else {
      for (const [name, table] of Object.entries(model.tables)) {
        await context.write(`${name}.arrow`, context.arrow({ row: table }, metadata));
      }
      for (const side of ["user", "item"] as const) {
        await context.write(`${side}-ids.arrow`, context.arrow({ id: vocabulary[side] }, metadata));
      }
    }
    await context.write("seen.arrow", context.arrow(seenRows(context), metadata));
  },
});

/** Training interactions as pairs of rows, ascending. */
function seenRows({ train }: ExportContext): { user: Int32Array; item: Int32Array } {
  const user = new Int32Array(train.itemIds.length);
  for (let u = 0; u < train.users; u++) user.fill(u, train.offsets[u], train.offsets[u + 1]);
  return { user, item: train.itemIds };
}
