import { createHash } from "node:crypto";
import type { Purpose, Streams } from "@kdp/plugin-api";
import { PhiloxStream, type StreamName } from "./philox-stream.js";

/** Raise it when streams of the same name begin to give other numbers: every cached result is then another result. */
const SCHEME = "kdp-stream/1";

/** What names a stream. `family` is the stage's name, or that of a loss with its position (see {@link lossFamily}). */
export interface StreamId {
  readonly seed: number;
  readonly family: string;
  readonly purpose: Purpose;
  readonly epoch: number;
}

/**
 * H(seed, family, purpose, epoch): the first 16 bytes of a SHA-256 over the parts, each followed by a zero byte so that
 * no two names spell the same text.
 */
export function streamName(id: StreamId): StreamName {
  const text = [SCHEME, id.seed, id.family, id.purpose, id.epoch, ""].join("\0");
  const digest = createHash("sha256").update(text).digest();
  return {
    key: [digest.readInt32LE(0), digest.readInt32LE(4)],
    nonce: [digest.readInt32LE(8), digest.readInt32LE(12)],
  };
}

/** The stream of a name, at its beginning. */
export const openStream = (id: StreamId): PhiloxStream => new PhiloxStream(streamName(id));

/**
 * The streams of a node. A plain and a distilled student of one seed and one family draw the same numbers, whatever else
 * runs and in whatever order.
 *
 * @example
 * const negatives = createStreams(seed, "bprmf").stream("negatives", epoch);
 */
export function createStreams(seed: number, family: string): Streams {
  return { stream: (purpose, epoch) => openStream({ seed, family, purpose, epoch }) };
}

/** Family of a loss at a position of a lesson: two losses of one name in a lesson draw different numbers. */
export const lossFamily = (loss: string, position: number): string => `${loss}#${position}`;
