import { expect, it } from "vitest";
import { setEnvironment } from "./environment.js";

it("keeps float32 products whole and the card's memory shared, and leaves what the user set", () => {
  const environment: NodeJS.ProcessEnv = { TF_CPP_MIN_LOG_LEVEL: "0" };
  setEnvironment(environment);
  expect(environment).toEqual({
    TF_CPP_MIN_LOG_LEVEL: "0",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    NVIDIA_TF32_OVERRIDE: "0",
  });
});
