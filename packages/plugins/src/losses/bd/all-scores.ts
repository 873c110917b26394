import type { Kernels, Scorer, StudentView } from "@kdp/plugin-api";
import type { Workspace } from "../shared/workspace.js";

/** Users whose scores of all items are held at a time. */
const BLOCK_USERS = 32;

/** Scores of all items of one user after the other, computed in blocks. */
export type UserScores = (user: number, out: Float32Array) => void;

/** @param fill writes the scores of `n` users from `first` on, `[n, items]` */
function blockwise(users: number, items: number, fill: (first: number, n: number) => Float32Array): UserScores {
  let first = 0;
  let block: Float32Array | null = null;
  return (user, out) => {
    if (!block || user < first || user >= first + BLOCK_USERS) {
      first = user - (user % BLOCK_USERS);
      block = fill(first, Math.min(BLOCK_USERS, users - first));
    }
    out.set(block.subarray((user - first) * items, (user - first + 1) * items));
  };
}

/** Under the scorer's present parameters. */
export function scorerScores(
  kernels: Kernels,
  workspace: Workspace,
  scorer: Scorer,
  users: number,
  items: number,
): UserScores {
  const block = workspace.f32("all/scores", BLOCK_USERS * items);
  const ids = workspace.i32("all/users", BLOCK_USERS);
  return blockwise(users, items, (first, n) => {
    if (scorer.kind === "dot") {
      const { user, item, cols } = scorer;
      const rows = user.subarray(first * cols, (first + n) * cols);
      kernels.gemm({ m: n, n: items, k: cols, a: rows, b: item, transB: true, c: block, beta: 0 });
    } else {
      for (let r = 0; r < n; r++) ids[r] = first + r;
      scorer.scoreUsers(ids, n, block);
    }
    return block;
  });
}

/** The student's, through its view. */
export function studentScores(student: StudentView, users: number, items: number): UserScores {
  const others = Int32Array.from({ length: BLOCK_USERS * items }, (_, at) => at % items);
  const block = new Float32Array(BLOCK_USERS * items);
  return blockwise(users, items, (first, n) => {
    const ids = Int32Array.from({ length: n }, (_, r) => first + r);
    const list = { side: "user", ids, others: others.subarray(0, n * items), rows: n, k: items } as const;
    student.scores(list, block.subarray(0, n * items));
    return block;
  });
}
