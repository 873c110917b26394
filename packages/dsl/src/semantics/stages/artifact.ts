import { unite } from "../axes.js";
import { checkFormats } from "../checks/formats.js";
import type { ArtifactValue, TeacherRef } from "../values.js";
import type { StageContext } from "./input.js";

/** `kd -> artifact(format: "tfjs")`: what an `export` publishes. It is no node; the model is. */
export function artifactOf(model: TeacherRef, context: StageContext): ArtifactValue {
  const { call } = context;
  return {
    kind: "artifact",
    model,
    formats: checkFormats(model, context),
    card: call.params.card?.value === true,
    axes: unite(call.axes, model.axes),
  };
}
