import type { TeacherView } from "@kdp/plugin-api";
import { batchOf, sampleWorld } from "@kdp/plugin-api/testing";

/**
 * Inputs of the published topology example (4 users, 5 items, dT = 3, dS = 2; users 0, 1, 3 and items 0, 2, 3, 4 are in the
 * step).
 */
export const TOPOLOGY = {
  userT: [0.52, -0.44, -0.19, 0.47, -0.94, 0.6, -0.21, 0.51, 0.14, -0.12, 0.28, 0.05],
  itemT: [0.37, -0.39, -0.07, -0.09, 0.14, 0, 0.87, 0.31, -0.37, -0.6, -0.17, -0.43, -0.32, 0.05, 0.6],
  userS: [0.54, -0.98, 0.62, 0.28, 0.95, 0.66, -0.91, -0.95],
  itemS: [-0.48, 0.88, -0.17, 0.43, -0.46, 0.98, -0.42, 0.75, 0.01, -0.53],
  /** Group of each row of the step within its side. */
  zUsers: [0, 0, 1],
  zItems: [1, 0, 1, 0],
} as const;

export const topologyBatch = batchOf([
  [0, 0, 2],
  [1, 3, 4],
  [3, 0, 2],
]);

const teacher: TeacherView = {
  name: "golden",
  embeddings: {
    user: { cols: 3, values: Float32Array.from(TOPOLOGY.userT) },
    item: { cols: 3, values: Float32Array.from(TOPOLOGY.itemT) },
  },
};

export const topologyWorld = { ...sampleWorld({ users: 4, items: 5, perUser: 1 }), teacher };
export const topologyStudent = { user: TOPOLOGY.userS, item: TOPOLOGY.itemS, cols: 2 };
