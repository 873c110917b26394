import type { Device } from "@kdp/plugin-api/device";

/** The device that a module exports by default. @throws Error when it exports none of this contract */
export async function deviceOf(entry: string): Promise<Device> {
  const module: { readonly default?: Partial<Device> } = await import(entry);
  const device = module.default;
  if (device?.kdpDevice !== 1) throw new Error(`${entry} exports no device of this version`);
  return device as Device;
}
