import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of an installed browser, or null. `KDP_CHROMIUM` names another place. */
export const browserPath: string | null =
  [process.env.KDP_CHROMIUM, ...PLACES].find((path) => path !== undefined && existsSync(path)) ?? null;

/** True where a missing browser is a failure and no reason to skip: continuous integration installs one. */
export const browserRequired = (process.env.KDP_REQUIRE_BROWSER ?? "") !== "";

export const launch = (): Promise<Browser> => {
  if (browserPath === null) {
    throw new Error(`no browser at ${PLACES.join(", ")}; install one: apt-get install chromium`);
  }
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
  });
};
