import type { EnsembleDefinition, TeacherView } from "@kdp/plugin-api";
import { counted, dataNote } from "../data/data-fault.js";
import { callPlugin } from "../plugins/plugin-call.js";
import { nodeRanker } from "../ranking/node-ranker.js";
import { matrixToTable } from "../tables/factors.js";
import { RANKING_TABLE, rankingToTable } from "../tables/rankings.js";
import { checkRanking } from "../teachers/check-ranking.js";
import { crowdEmbeddings } from "../teachers/crowd-embeddings.js";
import { embeddingTableName, openTeacher, type Teacher } from "../teachers/open-teacher.js";
import { asSource, writeUniverse } from "../teachers/universe.js";
import { optionalNumber, requiredNumber } from "./params.js";
import { inputsOf, type StageExecutor } from "./stage.js";

/**
 * A crowd: the table `ranking` that its members agree on, with the points as scores, and where members have embeddings the
 * tables `embedding.user` and `embedding.item`.
 */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const definition = await plugins.ensemble(node.plugin, node.stage);
  const kernels = await context.kernels();
  const inputs = inputsOf(context, "teachers");
  const [first] = inputs;
  if (!first) throw new Error(`node ${node.id} has no members`);
  const ranker = nodeRanker(context, kernels);
  const members: Teacher[] = [];
  for (const input of inputs) members.push(await openTeacher(input, { plugins, kernels, ranker, node: node.id }));
  const { train } = members[0] as Teacher;
  const { users, items } = train;
  const depth = Math.min(depthOf(definition, node.params), items);
  const views: TeacherView[] = [];
  for (const [i, member] of members.entries()) views.push(await memberView(member, inputs[i]?.label ?? null, depth));
  const ranking = await callPlugin(node.id, () =>
    definition.combine({
      params: node.params as never,
      users,
      items,
      train,
      members: views,
      kernels,
    }),
  );
  const short = checkRanking(ranking, train, { node: node.id, plugin: node.plugin, stage: node.stage });
  output.table(RANKING_TABLE, rankingToTable(ranking));
  const embeddings = crowdEmbeddings(
    kernels,
    members.map((member) => member.embeddings()),
  );
  for (const side of ["user", "item"] as const) {
    const matrix = embeddings[side];
    if (matrix) output.table(embeddingTableName(side), matrixToTable(matrix));
  }
  writeUniverse(output, asSource(first), node.id);
  output.facts({
    teacher: "crowd",
    users,
    items,
    members: members.length,
    members_with_embeddings: embeddings.members,
    top: ranking.k,
    short_lists: short,
    ...ranker.facts(),
  });
  if (short > 0) {
    output.note(
      dataNote("KDP7204", `${counted(short, "user has", "users have")} fewer than ${ranking.k} items in the list`),
    );
  }
};

function depthOf({ rankTop }: EnsembleDefinition, params: Parameters<typeof requiredNumber>[0]): number {
  const named = rankTop === undefined ? null : optionalNumber(params, rankTop);
  return named ?? requiredNumber(params, "top");
}

async function memberView(member: Teacher, label: string | null, depth: number): Promise<TeacherView> {
  const trajectory = member.trajectory();
  return {
    name: label ?? member.name,
    ranking: await member.rankItems(depth),
    scores: member.scores,
    ...(trajectory ? { trajectory } : {}),
  };
}
