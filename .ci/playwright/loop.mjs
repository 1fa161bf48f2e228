// A loop of Playwright over the pages of BenchmarkRendered, in tabs side by side.
// usage: node loop.mjs <folder with node_modules> <chrome> <tabs> <address>...
// Each line on stdin starts a round; its milliseconds are answered.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const [folder, executablePath, tabs, ...addresses] = process.argv.slice(2);
const { chromium } = createRequire(join(folder, "loop.mjs"))("playwright-core");
const browser = await chromium.launch({ executablePath, headless: true, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
const context = await browser.newContext();
const pages = await Promise.all(Array.from({ length: Number(tabs) }, () => context.newPage()));

const round = async () => {
  const left = addresses.slice();
  await Promise.all(pages.map(async (page) => {
    for (let address = left.shift(); address; address = left.shift()) {
      await page.goto(address, { waitUntil: "load" });
      const html = await page.content();
      if (!html.includes("data-done")) throw new Error(`not rendered: ${address}`);
    }
  }));
};

for await (const _ of createInterface({ input: process.stdin })) {
  const begun = performance.now();
  await round();
  console.log(performance.now() - begun);
}
await browser.close();
