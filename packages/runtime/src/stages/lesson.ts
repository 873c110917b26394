import type { Kernels, LossDefinition, TeacherView } from "@kdp/plugin-api";
import { createStreams, lossFamily } from "../random/streams.js";
import type { Ranker } from "../ranking/ranker.js";
import { openModel } from "../teachers/fitted-model.js";
import { readTeachers } from "../teachers/teacher-view.js";
import type { LessonLoss } from "../training/bind-losses.js";
import type { LearnableTeacher } from "../training/learner.js";
import type { Lesson } from "../training/session.js";
import { inputsOf, type StageContext, type StageInput } from "./stage.js";

/**
 * What a student is taught: its losses with the teachers that they read. Null for a model that learns from the data alone.
 * @param seed the student's: a loss draws from H(seed, loss, position in the lesson, purpose, epoch)
 */
export async function readLesson(
  context: StageContext,
  kernels: Kernels,
  ranker: Ranker,
  seed: number,
): Promise<Lesson | null> {
  const { node, plugins } = context;
  if (!node.lesson) return null;
  const { losses, baseWeight } = node.lesson;
  const definitions = await Promise.all(losses.map(({ plugin, stage }) => plugins.loss(plugin, stage)));
  const teachers = await readTeachers(
    context,
    { plugins, kernels, ranker, node: node.id },
    {
      views: new Set(definitions.flatMap((definition) => definition.needs)),
      itemSide: definitions.some((definition) => definition.itemSide === true),
    },
  );
  return {
    baseWeight,
    losses: await Promise.all(
      losses.map(async ({ stage, params }, position): Promise<LessonLoss> => {
        const definition = definitions[position] as LossDefinition;
        return {
          name: stage,
          definition,
          params,
          teachers: only(definition, teachers),
          streams: createStreams(seed, lossFamily(stage, position)),
          ...(definition.learningTeacher ? { learnable: await learnableOf(context, kernels) } : {}),
        };
      }),
    ),
  };
}

/** A loss sees the views that it declares, and no others: what it does not name, it cannot come to depend on. */
function only(definition: LossDefinition, teachers: readonly TeacherView[]): readonly TeacherView[] {
  const needs = new Set(definition.needs);
  return teachers.map(({ name, ranking, itemRanking, scores, embeddings, trajectory }) => ({
    name,
    ...(ranking && needs.has("ranking") ? { ranking } : {}),
    ...(itemRanking && definition.itemSide ? { itemRanking } : {}),
    ...(scores && needs.has("scores") ? { scores } : {}),
    ...(embeddings && needs.has("embeddings") ? { embeddings } : {}),
    ...(trajectory && needs.has("trajectory") ? { trajectory } : {}),
  }));
}

/** Fitted models of the teachers that can go on learning; null for crowds, files and closed-form models. */
function learnableOf(context: StageContext, kernels: Kernels): Promise<readonly (LearnableTeacher | null)[]> {
  const open = async (input: StageInput): Promise<LearnableTeacher | null> => {
    if (input.artefact.meta.facts.teacher !== "model") return null;
    const { instance, tables } = await openModel(input, context.plugins, kernels, context.node.id);
    return "fit" in instance ? null : { name: input.label ?? input.node, instance, tables };
  };
  return Promise.all(inputsOf(context, "teachers").map(open));
}
