import type { FittedTables } from "@kdp/plugin-api";

/** Writes the numbers of tables one after another, as little-endian float32, whatever the machine's own order is. */
export function writeFloats(bytes: Uint8Array, from: number, tables: Iterable<FittedTables[string]>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = from;
  for (const { values } of tables) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
}
