import type { ArrowPlace } from "../arrows.js";
import type { Frame } from "../frame.js";
import { type BoundCall, UNKNOWN, type Value } from "../values.js";
import { artifactOf } from "./artifact.js";
import { splitOf } from "./data.js";
import { lessonOf } from "./distill.js";
import { crowdOf } from "./ensemble.js";
import { metricsOf } from "./evaluate.js";
import { fileTeacherOf } from "./file-teacher.js";
import { acceptInput } from "./input.js";
import { modelOf } from "./model.js";
import { rankingOf } from "./rank.js";

/** `input -> call`: the result of a stage whose arguments are bound, now that its primary input is known. */
export function feedCall(call: BoundCall, input: Value, place: ArrowPlace, frame: Frame): Value {
  const accepted = acceptInput(call, input, place, frame);
  if (!accepted) return UNKNOWN;
  const context = { call, place, frame };
  switch (accepted.kind) {
    case "dataset":
      return splitOf(accepted.ref, context);
    case "lesson":
      return modelOf(accepted.lesson, context);
    case "events":
      return call.signature.kind === "model" ? modelOf(accepted.ref, context) : fileTeacherOf(accepted.ref, context);
    case "teachers":
      if (call.signature.kind === "ensemble") return crowdOf(accepted.teachers, context);
      if (call.signature.stage === "distill") return lessonOf(accepted, context);
      break;
  }
  if (accepted.kind !== "teachers") return UNKNOWN;
  const [teacher] = accepted.teachers;
  if (!teacher) return UNKNOWN;
  switch (call.signature.stage) {
    case "rank":
      return rankingOf(teacher.ref, context);
    case "evaluate":
      return metricsOf(teacher.ref, context);
    default:
      return artifactOf(teacher.ref, context);
  }
}
