import { describe } from "vitest";
import { describeDevice } from "../../runtime/test/support/device-parity.js";
import device from "../src/index.js";
import { reasonToSkip } from "./installation.js";

/** Share of the largest movement of a training by which a parameter may differ from the CPU device's; seen: below 1e-4. */
const TOLERANCE = 1e-4;

const reason = reasonToSkip();

describe.skipIf(reason !== null)(`on libtensorflow${reason === null ? "" : ` (${reason})`}`, () => {
  describeDevice({ name: "TensorFlow", load: () => device.load(), tolerance: TOLERANCE });
});
