import { describe, expect, it } from "vitest";
import { fix, report } from "./create-diagnostic.js";
import { MESSAGES, type MessageEntry } from "./messages.js";
import { RUNTIME_CODES } from "./runtime-codes.js";

const span = { file: "a.kdp", start: 3, end: 7 };

describe("report", () => {
  it("fills the parameters of the chosen variant", () => {
    expect(report("KDP2201", { callee: "bprmf", name: "dims" }, span)).toEqual({
      code: "KDP2201",
      severity: "error",
      message: "`bprmf` has no argument `dims`",
      span,
    });
    const mended = fix("write `dim`", span, "dim");
    expect(
      report("KDP2201", { callee: "bprmf", name: "dims", suggestion: "dim" }, span, {
        variant: "suggestion",
        label: "here",
        notes: [],
        fixes: [mended],
      }),
    ).toEqual({
      code: "KDP2201",
      severity: "error",
      message: "`bprmf` has no argument `dims`; did you mean `dim`?",
      span,
      label: "here",
      fixes: [mended],
    });
  });

  it("takes the severity of a variant that has its own", () => {
    expect(report("KDP0007", {}, span).severity).toBe("hint");
    expect(report("KDP0007", { version: 9, supported: 1 }, span, { variant: "tooNew" }).severity).toBe("error");
  });

  it("takes a text from a host for any of the plugin codes", () => {
    const code: "KDP5501" | "KDP5502" = Math.max(1, 0) ? "KDP5501" : "KDP5502";
    expect(report(code, { message: "gone" }, span, { variant: "detail" }).message).toBe("gone");
  });

  it("does not compile with a wrong code, a wrong variant or a missing parameter", () => {
    // @ts-expect-error no such code
    expect(() => report("KDP0999", {}, span)).toThrow();
    // @ts-expect-error `name` is missing
    report("KDP2201", { callee: "bprmf" }, span);
    // @ts-expect-error the variant needs `suggestion`
    report("KDP2201", { callee: "bprmf", name: "dims" }, span, { variant: "suggestion" });
    // @ts-expect-error no such variant
    report("KDP2201", { callee: "bprmf", name: "dims" }, span, { variant: "nonsense" });
    // @ts-expect-error no such parameter
    report("KDP2206", { name: "dims", other: 1 }, span);
  });
});

describe("tables", () => {
  it.each([
    ["messages", Object.keys(MESSAGES)],
    ["runtime codes", Object.keys(RUNTIME_CODES)],
  ])("%s are sorted, unique and well formed", (_, codes) => {
    expect(codes).toEqual([...new Set(codes)].sort());
    for (const code of codes) expect(code).toMatch(/^KDP[0-9]{4}$/);
  });

  it("have no message that ends in a full stop or starts with a capital", () => {
    for (const [code, entry] of Object.entries<MessageEntry>(MESSAGES)) {
      for (const variant of Object.values(entry.texts)) {
        const text = typeof variant === "string" ? variant : variant.text;
        expect(text, code).not.toMatch(/^[A-Z]|\.$/);
      }
    }
  });
});
