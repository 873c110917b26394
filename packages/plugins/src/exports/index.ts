import { arrow } from "./arrow.js";
import { parquet } from "./parquet.js";
import { safetensors } from "./safetensors.js";
import { tfjs } from "./tfjs.js";

/** Export formats of the standard library, by the name they have in a pipeline. */
export const exports = { arrow, parquet, safetensors, tfjs };
