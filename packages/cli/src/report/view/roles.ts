import type { StoryRole } from "@kdp/runtime/story";

export const ROLE_TITLE: Readonly<Record<StoryRole, string>> = {
  teacher: "teacher",
  plain: "plain student",
  distilled: "distilled student",
  model: "model",
  step: "step",
};
