import type { Interactions } from "@kdp/plugin-api";
import type { StageInput } from "../stages/stage.js";
import { readEvents, readSibling } from "../tables/read-input.js";

/** What is measured, and which items are no candidates. */
export interface HeldOut {
  readonly part: string;
  readonly events: Interactions;
  /** Training interactions of the split; empty for an unsplit data set. */
  readonly train: Interactions;
  /** The user's items in all other parts. */
  readonly others: readonly Interactions[];
}

const PARTS = ["train", "valid", "test"] as const;

/** Reads the events that an input stands for, with the other parts of their split. */
export function readHeldOut(input: StageInput, node: string): HeldOut {
  const part = input.output ?? "all";
  const events = readEvents(input, node);
  const parts = PARTS.filter((name) => name !== part).map((name) => ({ name, events: readSibling(input, name, node) }));
  const others = parts.flatMap((other) => (other.events ? [other.events] : []));
  const train = part === "train" ? events : parts.find(({ name }) => name === "train")?.events;
  return { part, events, others, train: train ?? withoutEvents(events) };
}

const withoutEvents = ({ users, items }: Interactions): Interactions => ({
  users,
  items,
  offsets: new Int32Array(users + 1),
  itemIds: new Int32Array(),
});
