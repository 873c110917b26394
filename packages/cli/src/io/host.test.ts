import { describe, expect, it } from "vitest";
import { outputOf } from "./host.js";

const stream = (isTTY: boolean) => ({ isTTY, columns: 80, write: () => true }) as unknown as NodeJS.WriteStream;
const seen = (isTTY: boolean, env: Readonly<Record<string, string>>) => {
  const output = outputOf(stream(isTTY), env);
  return { live: output.live, colours: output.colors.red("x") !== "x" };
};

describe("an output", () => {
  it.each([
    ["a terminal", true, {}, { live: true, colours: true }],
    ["a pipe", false, {}, { live: false, colours: false }],
    ["continuous integration", true, { CI: "true" }, { live: false, colours: true }],
    ["a terminal without colours", true, { NO_COLOR: "1" }, { live: true, colours: false }],
    ["an empty NO_COLOR, which says nothing", true, { NO_COLOR: "" }, { live: true, colours: true }],
    ["a dumb terminal", true, { TERM: "dumb" }, { live: false, colours: false }],
    ["a pipe that wants colours", false, { FORCE_COLOR: "1" }, { live: false, colours: true }],
    ["FORCE_COLOR=0", false, { FORCE_COLOR: "0" }, { live: false, colours: false }],
    ["both wishes", false, { FORCE_COLOR: "1", NO_COLOR: "1" }, { live: false, colours: false }],
  ])("%s", (_what, terminal, env, expected) => {
    expect(seen(terminal, env)).toEqual(expected);
  });
});
