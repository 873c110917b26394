import type { EvaluatedPipeline } from "../pipeline/pipeline.js";
import { reachableNodes } from "../pipeline/reachable.js";
import type { Reporter } from "../reporter.js";
import { checkDeadTeachers } from "./dead-teachers.js";
import { checkHasResult } from "./nothing-to-compute.js";
import { checkPlainBaselines } from "./plain-baseline.js";
import { checkSingleSeed } from "./single-seed.js";
import { checkUnusedNames } from "./unused.js";

export interface Certainty {
  /** The parser had not to guess: what is never used can be told. */
  readonly wellFormed: boolean;
  /** There is no error: what never runs can be told. */
  readonly sound: boolean;
}

/** What can be told only from a whole pipeline. */
export function checkPipelines(pipelines: readonly EvaluatedPipeline[], known: Certainty, reporter: Reporter): void {
  if (!known.wellFormed) return;
  for (const pipeline of pipelines) {
    checkUnusedNames(pipeline, reporter);
    if (!known.sound) continue;
    checkHasResult(pipeline, reporter);
    const { nodes } = pipeline.session.nodes;
    const { all } = reachableNodes(pipeline);
    const running = nodes.filter((node) => all.has(node));
    checkDeadTeachers(nodes, all, reporter);
    checkPlainBaselines(running, reporter);
    const seeds = seedAxes(pipeline);
    for (const gate of pipeline.gates) checkSingleSeed(gate, seeds, reporter);
  }
}

/** Axes with several values that reach an argument called `seed`. */
function seedAxes({ session, matrix }: EvaluatedPipeline): readonly string[] {
  const axes = new Set<string>();
  for (const { params } of session.nodes.nodes) for (const axis of params.seed?.axes ?? []) axes.add(axis);
  return [...axes].filter((axis) => (matrix.axes[axis]?.length ?? 0) > 1);
}
