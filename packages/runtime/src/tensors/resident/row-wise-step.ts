import type { RowWiseForm, ScoreList, Side, TensorForm, TensorStepIO } from "@kdp/plugin-api";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** A row-wise form as a form of whole parameters: rows are gathered on the device. */
export function rowWiseTensors(form: RowWiseForm): TensorForm {
  return {
    ...(form.constrain ? { constrain: form.constrain } : {}),
    forward({ tf, batch, parameters, dot }: TensorStepIO) {
      const table = (side: Side): Tensor2D => {
        const found = parameters[form.tables[side]];
        if (!found)
          throw new Error(`the row-wise form names the table "${form.tables[side]}", which is not a parameter`);
        return found;
      };
      const tables = { user: table("user"), item: table("item") };
      const dense: Record<string, Tensor> = Object.fromEntries(
        Object.entries(parameters).filter(([, tensor]) => tensor !== tables.user && tensor !== tables.item),
      );
      const gathered = (side: Side, ids: Int32Array) =>
        tf.gather(tables[side], tf.tensor1d(ids.slice(), "int32")) as Tensor2D;
      const pairs = (users: Int32Array, items: Int32Array): Tensor1D =>
        form.scores({ tf, user: gathered("user", users), item: gathered("item", items), dense });
      const products = form.dot ? dot(tables.user, tables.item) : null;
      return {
        baseLoss: () =>
          form.baseLoss({
            tf,
            user: gathered("user", batch.users.subarray(0, batch.size)),
            positive: gathered("item", batch.positives.subarray(0, batch.size)),
            negative: gathered("item", batch.negatives.subarray(0, batch.size)),
            dense,
          }),
        rows(side, ids) {
          const [from, to] = form.representation?.[side] ?? [0, tables[side].shape[1]];
          const rows = gathered(side, ids);
          return to - from === rows.shape[1] ? rows : tf.slice(rows, [0, from], [ids.length, to - from]);
        },
        scores: products?.scores ?? ((list) => tf.reshape(pairs(...alignedPairs(list)), [list.rows, list.k])),
        allScores:
          products?.allScores ??
          ((users) => {
            const items = tables.item.shape[0];
            const others = Int32Array.from({ length: users.length * items }, (_, at) => at % items);
            const list: ScoreList = { side: "user", ids: users, others, rows: users.length, k: items };
            return tf.reshape(pairs(...alignedPairs(list)), [users.length, items]);
          }),
      };
    },
  };
}

/** The pairs of a list as users and items, one after the other. */
export function alignedPairs({
  side,
  ids,
  others,
  rows,
  k,
}: ScoreList): readonly [users: Int32Array, items: Int32Array] {
  const own = new Int32Array(rows * k);
  for (let r = 0; r < rows; r++) own.fill(ids[r] as number, r * k, (r + 1) * k);
  const far = others.slice(0, rows * k);
  return side === "user" ? [own, far] : [far, own];
}
