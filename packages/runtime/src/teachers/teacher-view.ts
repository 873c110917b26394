import type { TeacherView, View } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";
import { inputsOf, type StageContext, type StageInput } from "../stages/stage.js";
import { ITEM_RANKING_TABLE, RANKING_TABLE } from "../tables/rankings.js";
import { readRanking } from "../tables/read-input.js";
import { openTeacher, type Teacher, type TeacherHost } from "./open-teacher.js";

/** What the losses of a lesson read of their teachers. */
export interface TeacherNeeds {
  readonly views: ReadonlySet<View>;
  /** Some loss reads rankings of users for each item. */
  readonly itemSide: boolean;
}

/** Length of the rankings of users that are made of a teacher that comes without any. */
const ITEM_TOP = 500;

/**
 * The teachers of a student as its losses see them, in the order of the pipeline. A view is there when a loss needs it.
 * Embeddings and factors lie in kernel memory.
 * @throws RuntimeFault KDP7206 when a teacher read from files does not hold what a loss needs
 */
export async function readTeachers(
  context: StageContext,
  host: TeacherHost,
  needs: TeacherNeeds,
): Promise<readonly TeacherView[]> {
  const rankings = inputsOf(context, "rankings");
  const views: TeacherView[] = [];
  for (const [i, input] of inputsOf(context, "teachers").entries()) {
    const teacher = await openTeacher(input, host);
    views.push(await viewOf(input, teacher, rankings[i] ?? null, needs, host.node));
  }
  return views;
}

/** A teacher with the views that are needed; `rankings` is what `rank` wrote of it, where something did. */
async function viewOf(
  input: StageInput,
  teacher: Teacher,
  rankings: StageInput | null,
  needs: TeacherNeeds,
  node: string,
): Promise<TeacherView> {
  const { views } = needs;
  const required = <T>(value: T | null, what: string): T => {
    if (value !== null) return value;
    throw new RuntimeFault({
      code: "KDP7206",
      kind: "user",
      message: `${input.node} has no ${what}, which a loss of ${node} needs`,
      place: node,
      fix: "use a teacher that holds them, or another loss",
    });
  };
  return {
    name: input.label ?? input.node,
    ...(views.has("ranking")
      ? {
          ranking: rankings?.artefact.has(RANKING_TABLE)
            ? readRanking(rankings, RANKING_TABLE, node)
            : await teacher.rankItems(ITEM_TOP),
        }
      : {}),
    ...(needs.itemSide
      ? {
          itemRanking: rankings?.artefact.has(ITEM_RANKING_TABLE)
            ? readRanking(rankings, ITEM_RANKING_TABLE, node)
            : await teacher.rankUsers(ITEM_TOP),
        }
      : {}),
    ...(views.has("scores") ? { scores: teacher.scores } : {}),
    ...(views.has("embeddings") ? { embeddings: required(teacher.embeddings(), "embeddings") } : {}),
    ...(views.has("trajectory") ? { trajectory: required(teacher.trajectory(), "snapshots") } : {}),
  };
}
