import { arrow } from "./arrow.js";
import { safetensors } from "./safetensors.js";

/** Export formats of the standard library, by the name they have in a pipeline. */
export const exports = { arrow, safetensors };
