import type { ScoreList, TensorScores, Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/** Scores that are inner products of two tables on a device; by its kernel for lists where it has one. */
export function dotScores(tf: Tf, kernels: DeviceKernels, user: Tensor2D, item: Tensor2D): TensorScores {
  const listed = kernels.dotLists && kernels.dotListsGrad ? kernelLists(tf, kernels) : gatheredLists(tf);
  return {
    scores({ side, ids, others, rows, k }: ScoreList) {
      const [own, far] = side === "user" ? [user, item] : [item, user];
      const left = tf.tensor1d(ids.slice(0, rows), "int32");
      const right = tf.tensor2d(others.slice(0, rows * k), [rows, k], "int32");
      return listed(own, far, left, right);
    },
    allScores: (users) => tf.matMul(tf.gather(user, tf.tensor1d(users.slice(), "int32")), item, false, true),
  };
}

type Lists = (own: Tensor2D, far: Tensor2D, left: Tensor1D, right: Tensor2D) => Tensor2D;

const gatheredLists =
  (tf: Tf): Lists =>
  (own, far, left, right) => {
    const [rows, k] = right.shape;
    const cols = own.shape[1];
    const rowsOfOwn = tf.reshape(tf.gather(own, left), [rows, 1, cols]);
    const rowsOfFar = tf.reshape(tf.gather(far, tf.reshape(right, [rows * k]) as Tensor1D), [rows, k, cols]);
    return tf.sum(tf.mul(rowsOfOwn, rowsOfFar), 2) as Tensor2D;
  };

const kernelLists =
  (tf: Tf, { dotLists, dotListsGrad }: DeviceKernels): Lists =>
  (own, far, left, right) => {
    if (!dotLists || !dotListsGrad) throw new Error("the device has no kernel for lists");
    const score = tf.customGrad((...inputs) => {
      const [a, b, save] = inputs as unknown as [Tensor2D, Tensor2D, (tensors: Tensor[]) => void];
      save([a, b, left, right]);
      return {
        value: dotLists(a, b, left, right),
        gradFunc: (dy, saved) => {
          const [x, y, rows, lists] = saved as unknown as [Tensor2D, Tensor2D, Tensor1D, Tensor2D];
          return [...dotListsGrad(x, y, rows, lists, dy as Tensor2D)];
        },
      };
    });
    return score(own, far) as Tensor2D;
  };
