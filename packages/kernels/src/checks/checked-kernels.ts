import type { Kernels } from "@kdp/plugin-api";
import type { KernelMemory } from "../memory/kernel-memory.js";
import type { RawKernels } from "../raw-kernels.js";
import { checkedAlgebra } from "./algebra.js";
import { checkedDistillation } from "./distillation.js";
import { createGuard } from "./guard.js";
import { checkedLosses } from "./losses.js";
import { checkedOptimisers } from "./optimisers.js";
import { checkedRanking } from "./ranking.js";
import { checkedRows } from "./rows.js";
import { checkedSamplers } from "./samplers.js";

/** Kernels that refuse foreign views, short views and ids outside their table before any arithmetic. */
export function checkedKernels(name: Kernels["name"], memory: KernelMemory, raw: RawKernels): Kernels {
  const guard = createGuard(memory, raw);
  const { f32, f64, i32, f32From, i32From, free, scope, limitBytes } = memory;
  return {
    name,
    ...{ f32, f64, i32, f32From, i32From, free, scope },
    ...(limitBytes === undefined ? {} : { limitBytes }),
    get bytesInUse() {
      return memory.bytesInUse;
    },
    ...checkedRows(guard, raw),
    ...checkedLosses(guard, raw),
    ...checkedAlgebra(guard, raw),
    ...checkedOptimisers(guard, raw),
    ...checkedRanking(guard, raw),
    ...checkedDistillation(guard, raw),
    ...checkedSamplers(guard, raw),
  };
}
