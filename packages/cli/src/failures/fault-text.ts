import type { FaultData } from "@kdp/runtime";
import type { Colors } from "../io/host.js";

/** A fault as a person reads it: code and message, place, fix, where to read more. */
export function faultText(fault: FaultData, colors: Colors): string {
  const lines = [`${colors.red(colors.bold(`error[${fault.code}]`))}: ${colors.bold(fault.message)}`];
  if (fault.place !== undefined) lines.push(`  ${colors.cyan("-->")} ${fault.place}`);
  if (fault.fix !== undefined) lines.push(`   ${colors.cyan("=")} fix: ${fault.fix}`);
  lines.push(`   ${colors.cyan("=")} see: kdp explain ${fault.code}`);
  return `${lines.join("\n")}\n`;
}
