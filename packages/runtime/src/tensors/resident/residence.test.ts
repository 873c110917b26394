import { describeDevice } from "../../../test/support/device-parity.js";
import { loadTensorflow } from "../load-tensorflow.js";

// The path of devices on the back-end that every machine has.
describeDevice({
  name: "TensorFlow.js in WebAssembly",
  load: async () => ({ tf: (await loadTensorflow("wasm")).tf, found: "WebAssembly" }),
  tolerance: 1e-3,
});
