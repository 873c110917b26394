import { describe, expect, it } from "vitest";
import { availableMemory, residentMemory } from "./available-memory.js";

const files = (content: Readonly<Record<string, string>>) => (path: string) => content[path] ?? null;
const CGROUP = "/sys/fs/cgroup/memory";

describe("memory that can be taken", () => {
  it("is what the machine has free, where nothing limits the container", () => {
    expect(availableMemory(files({}), 7e9)).toBe(7e9);
    expect(availableMemory(files({ [`${CGROUP}.max`]: "max\n", [`${CGROUP}.current`]: "5\n" }), 7e9)).toBe(7e9);
  });

  it("is what is left of the container's limit, its file caches counted as free", () => {
    const container = {
      [`${CGROUP}.max`]: "4000000000\n",
      [`${CGROUP}.current`]: "3000000000\n",
      [`${CGROUP}.stat`]: "anon 1000000000\nactive_file 5\ninactive_file 1500000000\n",
    };
    expect(availableMemory(files(container), 7e9)).toBe(2.5e9);
    expect(availableMemory(files(container), 2e9)).toBe(2e9);
    expect(availableMemory(files({ ...container, [`${CGROUP}.current`]: "9e9" }), 7e9)).toBeLessThanOrEqual(7e9);
  });

  it("is never negative", () => {
    expect(availableMemory(files({ [`${CGROUP}.max`]: "5", [`${CGROUP}.current`]: "9" }), 7e9)).toBe(0);
  });
});

describe("resident memory of a process", () => {
  it("is read from its status, and unknown without one", () => {
    expect(residentMemory(17, files({ "/proc/17/status": "Name:\tnode\nVmHWM:\t 9 kB\nVmRSS:\t   12 kB\n" }))).toBe(
      12288,
    );
    expect(residentMemory(17, files({}))).toBeNull();
  });

  it.runIf(process.platform === "linux")("of this one is about what Node says", () => {
    const ratio = (residentMemory(process.pid) ?? 0) / process.memoryUsage.rss();
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});
