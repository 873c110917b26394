import { int, type RankingTable, type TeacherView } from "@kdp/plugin-api";

export const top = int({ default: 100, min: 1, doc: "Items in the crowd's list of each user.", source: "HetComp" });

export const depth = (value: number) =>
  int({ default: value, min: 1, doc: "Items read of each member's list; what lies below gets nothing." });

/** @throws Error when the engine gave a member without ranking */
export function rankingOf(member: TeacherView): RankingTable {
  if (!member.ranking) throw new Error(`${member.name} came without a ranking`);
  return member.ranking;
}
