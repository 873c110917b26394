import type { Kernels, RandomStream, Streams } from "@kdp/plugin-api";

const HALF_STEP = 2 ** -33;

/** The Gumbel numbers of one loss: new ones at every call, the same ones whenever an epoch is run again. */
export interface GumbelSource {
  startEpoch(epoch: number): void;
  /** Fills `out`, a view of kernel memory, with standard Gumbel numbers. */
  fill(out: Float32Array): void;
}

/** Draws by the kernel, a lane of the epoch's stream per call; number by number from a stream that has no lanes. */
export function gumbelSource(kernels: Kernels, streams: Streams): GumbelSource {
  let stream = streams.stream("gumbel", 0);
  let lane = 0;
  return {
    startEpoch(epoch) {
      stream = streams.stream("gumbel", epoch);
      lane = 0;
    },
    fill(out) {
      if (out.length === 0) return;
      lane++;
      if (stream.key) kernels.randomGumbel(stream.key, lane, out.length, out);
      else fillGumbel(stream, out);
    },
  };
}

/** -log(-log U) with U inside (0, 1), so that every number is finite. */
function fillGumbel(stream: RandomStream, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = -Math.log(-Math.log(stream.uniform() + HALF_STEP));
}
