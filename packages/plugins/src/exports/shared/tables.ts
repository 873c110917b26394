import type { ExportColumn, ExportContext } from "@kdp/plugin-api";

/** Raised when a reader of older exports could misread a newer one. */
const VERSION = "1";

/** How a file format writes a table. */
export type EncodeTable = (
  columns: Readonly<Record<string, ExportColumn>>,
  metadata: Readonly<Record<string, string>>,
) => Uint8Array | Promise<Uint8Array>;

/**
 * A model as tables in files. A dot-product model is `user` and `item`, each with the columns `id` (source id) and `factors`
 * (list of float32): score(u, i) is the inner product of the factors. Any other model is `<table>` for each of its own tables
 * (column `row`), with `user-ids` and `item-ids` beside them. `seen` has the training interactions as row numbers (`user`,
 * `item`), to be left out of recommendations.
 */
export async function writeTables(context: ExportContext, extension: string, encode: EncodeTable): Promise<void> {
  const { model, vocabulary } = context;
  const metadata = { "kdp.export": VERSION, "kdp.model": model.stage, "kdp.scorer": model.scorer };
  const write = async (name: string, columns: Readonly<Record<string, ExportColumn>>) =>
    context.write(`${name}.${extension}`, await encode(columns, metadata));
  if (model.scorer === "dot") {
    for (const side of ["user", "item"] as const) {
      const factors = model.tables[side];
      if (!factors) throw new Error(`the dot-product model ${model.stage} has no table "${side}"`);
      await write(side, { id: vocabulary[side], factors });
    }
  } else {
    for (const [name, table] of Object.entries(model.tables)) await write(name, { row: table });
    for (const side of ["user", "item"] as const) await write(`${side}-ids`, { id: vocabulary[side] });
  }
  await write("seen", seenRows(context));
}

/** Training interactions as pairs of rows, ascending. */
function seenRows({ train }: ExportContext): { user: Int32Array; item: Int32Array } {
  const user = new Int32Array(train.itemIds.length);
  for (let u = 0; u < train.users; u++) user.fill(u, train.offsets[u], train.offsets[u + 1]);
  return { user, item: train.itemIds };
}
