// Pictures of pages at three widths, in light and dark, for somebody to look at. Started by test_browser.py --pictures FOLDER.
import { pathToFileURL } from "node:url";

const settings = JSON.parse(process.argv[2]);
const { chromium } = (await import(pathToFileURL(`${settings.tools}/node_modules/playwright-core/index.js`))).default;
const browser = await chromium.launch({ executablePath: settings.chromium, args: ["--no-sandbox"] });
for (const [name, path] of Object.entries(settings.pictures)) {
  for (const [width, colorScheme] of [[320, "light"], [800, "light"], [1400, "light"], [1400, "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(settings.base + path, { waitUntil: "load" });
    // Charts load when they come near; a long page is cut.
    const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), settings.most);
    await page.setViewportSize({ width, height });
    await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight));
    await page.screenshot({ path: `${settings.folder}/${name}-${width}${colorScheme === "dark" ? "-dark" : ""}.png` });
    await context.close();
  }
}
await browser.close();
