import { describe } from "vitest";
import { describeDevice } from "../../runtime/test/support/device-parity.js";
import device from "../src/index.js";
import { reasonToSkip } from "./installation.js";

const reason = reasonToSkip();

describe.skipIf(reason !== null)(`on libtensorflow${reason === null ? "" : ` (${reason})`}`, () => {
  describeDevice({ name: "TensorFlow", load: () => device.load(), tolerance: 1e-3 });
});
