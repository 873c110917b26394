import { bool, defineSplit, type InteractionTable, int } from "@kdp/plugin-api";
import { coldNotes, dropCold, Part, rowsOfParts } from "./parts.js";
import { checkRatios, ratioParams, sizesOf } from "./ratios.js";
import { rowsByUser } from "./rows-by-user.js";

/** A share of each user's interactions, drawn at random, for each part. */
export const randomSplit = defineSplit({
  doc:
    "Splits each user's interactions at random by shares. Valid and test are rounded down and training takes the rest, so " +
    "that users with few interactions may have no held-out items (protocol P3: HetComp, ConCF).",
  params: {
    ...ratioParams,
    drop_cold: bool({
      default: true,
      doc: "Leave held-out items out that are in no user's training part.",
      source: "HetComp (released code)",
    }),
    paired: bool({
      default: false,
      doc: "Users left without a validation or without a test item keep neither; true gives the sizes of HetComp's split.",
    }),
    seed: int({ default: 0, min: 0, doc: "Names the random stream that shuffles each user's interactions." }),
  },
  split({ params, table, streams }) {
    checkRatios(params);
    const stream = streams.stream("split", 0);
    const { offsets, rows } = rowsByUser(table);
    const parts = new Uint8Array(table.user.length).fill(Part.none);
    for (let user = 0; user < table.users; user++) {
      const own = rows.slice(offsets[user], offsets[user + 1]);
      stream.shuffle(own);
      const { valid, test, train } = sizesOf(own.length, params);
      for (let i = 0; i < train + valid + test; i++) {
        parts[own[i] as number] = i < valid ? Part.valid : i < valid + test ? Part.test : Part.train;
      }
    }
    const notes = params.drop_cold ? coldNotes(dropCold(table, parts)) : [];
    if (params.paired) notes.push(...unpair(table, parts));
    return { ...rowsOfParts(parts), notes };
  },
});

/** Takes the held-out rows of users who lack one of the two parts out of the split. */
function unpair(table: InteractionTable, parts: Uint8Array): string[] {
  const has = new Uint8Array(table.users);
  parts.forEach((part, row) => {
    const user = table.user[row] as number;
    if (part === Part.valid || part === Part.test) has[user] = (has[user] as number) | part;
  });
  const both = Part.valid | Part.test;
  let dropped = 0;
  parts.forEach((part, row) => {
    if ((part !== Part.valid && part !== Part.test) || has[table.user[row] as number] === both) return;
    parts[row] = Part.none;
    dropped++;
  });
  return dropped > 0 ? [`${dropped} held-out interactions of users without both parts left out`] : [];
}
