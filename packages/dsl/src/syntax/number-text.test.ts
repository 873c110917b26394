import { describe, expect, it } from "vitest";
import { bytesOf, mendNumber, secondsOf } from "./number-text.js";

describe("units", () => {
  it.each([
    ["10ms", 0.01],
    ["45s", 45],
    ["30m", 1800],
    ["2h", 7200],
    ["1d", 86_400],
  ])("%s is %d seconds", (text, seconds) => {
    expect(secondsOf(text)).toEqual({ seconds, text });
  });

  it.each([
    ["1KB", 1024],
    ["4MB", 4 * 1024 ** 2],
    ["16GB", 16 * 1024 ** 3],
    ["1TB", 1024 ** 4],
  ])("%s is %d bytes", (text, bytes) => {
    expect(bytesOf(text)).toEqual({ bytes, text });
  });
});

describe("mendNumber", () => {
  it.each([
    ["30min", "30m"],
    ["2hours", "2h"],
    ["1.5h", "90m"],
    ["0.5s", "500ms"],
    ["1day", "1d"],
    ["16gb", "16GB"],
    ["0.5GB", "512MB"],
    ["8GiB", "8GB"],
    ["1_000", "1000"],
    [".5", "0.5"],
    ["90M", "90m"],
  ])("%s was meant to be %s", (wrong, right) => {
    expect(mendNumber(wrong)).toMatchObject({ text: right });
  });

  it.each(["3x", "1e", "0x10", "10k", "3constructor", "1toString"])("%s is left alone", (text) => {
    expect(mendNumber(text).kind).toBe("unknown");
  });
});
