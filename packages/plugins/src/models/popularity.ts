import { type ClosedFormInstance, defineModel } from "@kdp/plugin-api";
import { fittedTable, sameWidth } from "./shared/fitted.js";

/** Ranks items by their number of training interactions: the floor that every other model must beat by far. */
export const popularity = defineModel({
  doc: "Ranks items by their number of training interactions, the same for every user.",
  views: ["ranking", "scores"],
  student: false,
  trained: false,
  memory: { parameters: [["users"], ["items"]] },
  params: {},
  create({ users, items, train }): ClosedFormInstance {
    return {
      fit() {
        const counts = new Float32Array(items);
        for (const item of train.itemIds) counts[item]!++;
        return {
          user: { rows: users, cols: 1, values: new Float32Array(users).fill(1) },
          item: { rows: items, cols: 1, values: counts },
        };
      },
      scorer(tables) {
        const [user, item] = [fittedTable(tables, "user"), fittedTable(tables, "item")];
        return { kind: "dot", user: user.values, item: item.values, cols: sameWidth(user, item) };
      },
    };
  },
});
