import { expect, it } from "vitest";
import { commandText } from "./command-text.js";

it("quotes what a shell would take apart", () => {
  expect(commandText(["kdp", "run", "my file.kdp", "--set", "dim=8"])).toBe("kdp run 'my file.kdp' --set dim=8");
  expect(commandText(["kdp", "it's"])).toBe("kdp 'it'\\''s'");
  expect(commandText(["--set", "x=$(rm)"])).toBe("--set 'x=$(rm)'");
});
