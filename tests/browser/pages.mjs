// What a reader meets, in headless Chromium. Started by test_browser.py, which says where all is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const settings = JSON.parse(process.argv[2]);
const { base, council } = settings;
const { chromium } = (await import(pathToFileURL(`${settings.tools}/node_modules/playwright-core/index.js`))).default;
const axe = readFileSync(`${settings.tools}/node_modules/axe-core/axe.min.js`, "utf8");
const report = `/${council}/reports/2022-02`;
const every = ["/", report, `${report}?status=Red`, `${report}?directorate=Place%20%26%20Economy`, `${report}/findings`, `${report}/keys`,
  `/${council}/indicators/T11`, `/${council}/indicators/T15`, `/${council}/indicators/T56`, `/${council}/indicators/T29`, `/${council}/indicators/T65`, "/accessibility",
  `/${settings.other}/reports/2022-02`, `/${settings.other}/indicators/H1`, `${report}/exceptions`, `${report}/compare/2022-01`, ...settings.years];
const problems = { "/nothing": 404, "/E06000001": 404, "/E06000001/reports/2022-02": 404, [`/${council}/reports/2030-01`]: 404, [`/${council}/reports/soon`]: 404,
  [`/${council}/indicators/T999`]: 404, [`/${council}/elsewhere`]: 404 };

let browser;
before(async () => { browser = await chromium.launch({ executablePath: settings.chromium, args: ["--no-sandbox"] }); });
after(async () => browser.close());

// A page that fails where it asks for anything but what it may, or says anything.
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const heard = [];
  page.on("console", (message) => heard.push(message.text()));
  page.on("pageerror", (error) => heard.push(String(error)));
  page.on("dialog", (dialog) => { heard.push("a dialog"); dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("file:")) heard.push(`asks ${request.url()}`); });
  const answer = await page.goto(path.startsWith("file:") ? path : base + path, { waitUntil: "load" });
  return { page, answer, heard, close: () => context.close() };
}

async function look(page, rules) {
  await page.evaluate(axe);
  const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules);
  return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | ")}`);
}

// axe is put in by the test, which no page of ours would let in.
async function looked(paths, rules, colorScheme) {
  for (const path of paths) {
    const { page, close } = await open(path, { colorScheme, bypassCSP: true });
    assert.deepEqual(await look(page, rules), [], path);
    await close();
  }
}

test("axe finds nothing on any page", async () => {
  await looked([...every, "/nothing", `/${council}/indicators/T999`, pathToFileURL(settings.alone).href],
    ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "light");
});

test("nor in the dark, where colours are others", async () => {
  // Of each kind one: what differs is the contrast.
  await looked(["/", `${report}?status=Red`, `${report}?directorate=Place%20%26%20Economy`, `${report}/findings`, `${report}/keys`, `/${council}/indicators/T15`, "/accessibility",
    "/nothing"], ["cat.color"], "dark");
});

test("pages are whole without a script, and ask no other host", async () => {
  for (const path of [...every, pathToFileURL(settings.alone).href]) {
    const { page, answer, heard, close } = await open(path, { javaScriptEnabled: false });
    if (path.startsWith("/")) {
      assert.equal(answer.status(), 200, path);
      const headers = answer.headers();
      assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action/, path);
      assert.equal(headers["x-content-type-options"], "nosniff");
    }
    assert.deepEqual(heard, [], path);
    assert.equal(await page.locator("h1").count(), 1, path);
    assert.equal(await page.locator("script:not([src='/live.js'], [src='/tables.js']), [style], [onclick], [onerror], [onload], a[href^='javascript']").count(), 0, path);
    assert.equal(await page.locator("script[src='/live.js']").count(), /reports\/20\d\d-\d\d(\?|$)/.test(path) ? 1 : 0, path);
    await close();
  }
});

test("each page fits 320 pixels, and 400% of 1280", async () => {
  for (const path of [...every, ...Object.keys(problems)]) {
    const { page, close } = await open(path, { viewport: { width: 320, height: 640 } });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, `${path} is wider than the screen`);
    await close();
  }
});

test("a problem has its status, its words and a way on", async () => {
  for (const [path, status] of Object.entries(problems)) {
    const { page, answer, close } = await open(path);
    assert.equal(answer.status(), status, path);
    assert.ok((await page.locator("main p").count()) >= 3, path);
    assert.ok((await page.locator("main a").count()) >= 1, path);
    await close();
  }
});

test("by keyboard alone", async () => {
  const { page, close } = await open(report);
  await page.keyboard.press("Tab");
  const skip = page.locator(":focus");
  assert.equal(await skip.textContent(), "Skip to the main content");
  assert.ok((await skip.boundingBox()).x >= 0, "it is seen once it has the focus");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  // From there on each stop is seen: it has an outline, and lies on the screen.
  const stops = [];
  for (let i = 0; i < 30; ++i) {
    await page.keyboard.press("Tab");
    stops.push(await page.evaluate(() => {
      const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
      return { name: at.textContent.trim() || at.getAttribute("aria-label"), outline: style.outlineStyle, shown: box.height > 0 && box.bottom > 0 && box.top < innerHeight };
    }));
  }
  for (const stop of stops) assert.ok(stop.outline === "solid" && stop.shown, JSON.stringify(stop));
  assert.ok(new Set(stops.map((s) => s.name)).size > 20, "it moves on");
  // An indicator is opened, and its arithmetic.
  await page.locator("#T11 th a").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/${council}/indicators/T11`);
  await page.locator("summary").first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("details[open]").count(), 1);
  await close();
});

test("the first page leads to a report, and a count to its rows", async () => {
  const { page, close } = await open("/", { javaScriptEnabled: false });
  await page.getByLabel("nine-character code").fill(council.toLowerCase());
  await page.getByRole("button").click();
  await page.waitForURL(`**${report}`);
  await page.getByRole("row", { name: /Red/ }).first().getByRole("link").first().click();
  await page.waitForURL(/status=Red/);
  assert.equal(await page.locator("table.report tbody").count(), 6);
  await page.getByRole("link", { name: "Show all" }).click();
  await page.waitForURL(/2022-02$/);
  assert.equal(await page.locator("table.report tbody").count(), 67);
  await close();
});

// The number of the rows that are seen.
const seen = (page, rows) => page.locator(rows).filter({ visible: true }).count();

test("the report is filtered and put in order, by keyboard, and says what became of it", async () => {
  const { page, heard, close } = await open(report);
  const told = page.locator(".told").first();
  await page.getByLabel("Show only rows with these words").focus();
  await page.keyboard.type("council tax");
  await page.locator(".told", { hasText: "of 67 rows are shown." }).waitFor();
  const shown = await seen(page, "table.report tbody");
  assert.ok(shown > 0 && shown < 10, String(shown));
  assert.equal(await told.textContent(), `${shown} of 67 rows are shown.`);
  assert.deepEqual(await page.locator("main > h2:not([id])").filter({ visible: true }).allTextContents(), ["Finance Services"], "headings without rows are gone");
  // A row that changes meanwhile stays as it is: shown, or not.
  await page.getByLabel("Show only rows with these words").fill("nothing has these words");
  assert.equal(await seen(page, "table.report tbody"), 0);
  await page.getByLabel("Show only rows with these words").fill("");
  assert.equal(await seen(page, "table.report tbody"), 67);
  // In order, within each service.
  await page.getByLabel("Order of each service").selectOption({ label: "Target, downwards" });
  const first = page.locator("table.report", { has: page.locator("#T15") });
  const order = () => first.evaluate((table) => [...table.tBodies].map((body) => body.id));
  const own = ["T15", "T16", "T17", "T18"];
  assert.deepEqual(await order(), own, "96%, 96%, 21, 9 already");
  await page.getByLabel("Order of each service").selectOption({ label: "Target, upwards" });
  assert.deepEqual(await order(), ["T18", "T17", "T15", "T16"]);
  assert.equal(await first.locator("th[aria-sort=ascending]").textContent(), "Target");
  assert.match(await told.textContent(), /in order of Target, upwards/);
  await page.getByLabel("Order of each service").selectOption({ index: 0 });
  assert.deepEqual(await order(), own);
  assert.equal(await page.locator("[aria-sort]").count(), 0);
  assert.deepEqual(heard, []);
  await close();
});

test("a list is put in order by its heads, and filtered", async () => {
  for (const viewport of [{ width: 1400, height: 900 }, { width: 320, height: 640 }]) {
    const { page, heard, close } = await open(`${report}/compare/2022-01`, { viewport });
    const table = page.locator("table.list");
    const head = table.getByRole("button", { name: "Difference" });
    const refs = () => table.evaluate((t) => [...t.tBodies[0].rows].map((row) => row.cells[0].textContent.split(" ")[0]));
    const own = await refs();
    await head.focus();
    await page.keyboard.press("Enter");
    assert.equal(await table.locator("th[aria-sort=ascending]").textContent(), "Difference");
    const differences = await table.evaluate((t) => [...t.tBodies[0].rows].map((row) => parseFloat(row.cells[6].textContent.replaceAll(",", ""))).filter((n) => !Number.isNaN(n)));
    assert.deepEqual(differences, [...differences].sort((a, b) => a - b));
    await page.keyboard.press("Space");
    assert.equal(await table.locator("th[aria-sort=descending]").count(), 1);
    assert.match(await page.locator(".told").textContent(), /In order of Difference, downwards/);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Difference", "the focus stays");
    assert.deepEqual([...(await refs())].sort(), [...own].sort());
    await page.getByRole("searchbox").fill("T21");
    assert.equal(await seen(page, "table.list tbody tr"), 2);
    assert.equal(await page.locator(".told").textContent(), "2 of 67 rows are shown.");
    assert.deepEqual(heard, []);
    await close();
  }
});

test("what has been filtered and sorted has nothing that axe finds", async () => {
  for (const path of [report, `${report}/exceptions`]) {
    const { page, close } = await open(path, { bypassCSP: true });
    await page.getByRole("searchbox").first().fill("a");
    if (path === report) await page.getByLabel("Order of each service").selectOption({ label: "Year to date, downwards" });
    else await page.getByRole("button", { name: "Target" }).first().click();
    assert.deepEqual(await look(page, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]), [], path);
    await close();
  }
});

test("a comparison is chosen without a script", async () => {
  const { page, close } = await open(report, { javaScriptEnabled: false });
  await page.getByText("Compare with").getByRole("link", { name: "January 2022" }).last().click();
  await page.waitForURL(/compare\/2022-01$/);
  await page.getByRole("link", { name: "Show only those" }).click();
  await page.waitForURL(/rows=differing$/);
  await page.getByLabel("Compare with another month").fill("2022-01");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.waitForURL(/compare\/2022-01$/);
  await close();
});

test("hostile words are words", async () => {
  for (const path of [`/${settings.other}/reports/2022-02`, `/${settings.other}/indicators/H1`]) {
    const { page, heard, close } = await open(path);
    assert.deepEqual(heard, [], path);
    assert.equal(await page.evaluate(() => window.hostile), undefined, path);
    const text = await page.locator("main").textContent();
    // The mark of direction is told, not obeyed.
    assert.ok(text.includes(settings.hostile.replace("\u202e", "<U+202E>")), path);
    assert.ok(!text.includes("\u202e"), path);
    assert.equal(await page.locator("main img[src=x], main script, main b").count(), 0, path);
    if (path.endsWith("H1")) {
      assert.ok(text.includes(settings.long.trim()), "10,000 characters");
      assert.ok(text.includes("<b>feed</b>"));
    }
    await close();
  }
});

test("it is printed with its table heads", async () => {
  const { page, close } = await open(report);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.ok(pdf.length > 50_000 && pdf.subarray(0, 5).toString() === "%PDF-");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("nav").first().isVisible(), false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".report thead")).display), "table-header-group");
  await close();
});

test("forced colours leave nothing unseen", async () => {
  const { page, close } = await open(`/${council}/indicators/T21a`, { forcedColors: "active", colorScheme: "dark" });
  const seen = await page.evaluate(() => [".chart .line", ".chart .target", ".chart .span"].map((s) => getComputedStyle(document.querySelector(s)).stroke));
  const ground = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  for (const stroke of seen) assert.notEqual(stroke, ground);
  await close();
  const pair = await open(`/${council}/indicators/T65`, { forcedColors: "active", colorScheme: "dark" });
  const others = await pair.page.evaluate(() => [".line", ".span", ".point"].map((s) => getComputedStyle(document.querySelector(`.chart.large .other ${s}`)).stroke));
  for (const stroke of others) assert.notEqual(stroke, ground);
  await pair.close();
});

test("an unchanged page is not made again, and pages travel compressed", async () => {
  const first = await fetch(base + report, { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(first.headers.get("content-encoding"), "gzip");
  const tag = first.headers.get("etag");
  assert.match(tag, /^W\/"e1\/\d+\/\d+ /);
  assert.equal((await fetch(base + report, { headers: { "If-None-Match": tag } })).status, 304);
  const post = await fetch(base + report, { method: "POST", body: "x" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  for (const file of [`${report}.csv`, `${report}.json`, `${report}.html`, `/${council}/indicators/T11.csv`, `/${council}/indicators/T11.svg`]) {
    assert.equal((await fetch(base + file)).status, 200, file);
  }
});

// RFC 4180, as the command line writes it.
function parse(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; ++i) {
    const c = text[i], row = rows.at(-1);
    if (c === '"' && quoted && text[i + 1] === '"') { row[row.length - 1] += c; ++i; }
    else if (c === '"') quoted = !quoted;
    else if (c === "," && !quoted) row.push("");
    else if (c === "\r" && !quoted) continue;
    else if (c === "\n" && !quoted) rows.push([""]);
    else row[row.length - 1] += c;
  }
  const [head, ...lines] = rows.filter((r) => r.length > 1);
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i].replace(/^'(?=[-=+@'\d])/, "")])));
}

const squeezed = (text) => text.replace(/\s+/g, " ").trim();
function figure(value, unit) {
  if (value === "") return "";
  const [whole, rest] = value.split(".");
  const number = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest === undefined ? "" : `.${rest}`);
  return unit === "percent" ? `${number}%` : unit === "count" || unit.startsWith("per ") ? number : `${number} ${unit}`;
}

test("every cell of the report is on its page, and in the file that stands alone", async () => {
  const rows = parse(readFileSync(settings.table, "utf8"));
  assert.equal(rows.length, 67);
  const json = await (await fetch(`${base}${report}.json`)).json();
  const labels = Object.fromEntries(json.schemes.map((scheme) => [scheme.id, Object.fromEntries(scheme.statuses.map((s) => [s.id, s.label]))]));
  const notes = Object.fromEntries(json.rows.map((row) => [row.definition.ref, row.definition.notes ?? []]));
  for (const path of [report, pathToFileURL(settings.alone).href]) {
    const { page, close } = await open(path);
    const shown = await page.evaluate(() => [...document.querySelectorAll("table.report tbody")].map((body) => ({
      ref: body.id, name: body.querySelector("th").textContent, words: body.querySelector(".words").textContent, now: body.querySelector("td.now").textContent,
      cells: [...body.querySelectorAll("tr:first-child > td")].map((td) => [td.dataset.label, td.textContent]) })));
    assert.deepEqual(shown.map((row) => row.ref), rows.map((row) => row.ref), "the order");
    const headings = await page.evaluate(() => [...document.querySelectorAll("main > h2:not([id]), main > h3")].map((h) => [h.tagName, h.textContent]));
    const wanted = [];
    rows.forEach((row, i) => {
      const before = rows[i - 1];
      if (before?.directorate !== row.directorate) wanted.push(["H2", row.directorate]);
      if (before?.directorate !== row.directorate || before?.service !== row.service) wanted.push(["H3", row.service]);
    });
    assert.deepEqual(headings.slice(0, wanted.length), wanted, "the headings");
    let compared = 0;
    rows.forEach((row, i) => {
      const cells = shown[i].cells;
      const cell = (label) => squeezed((cells.find(([name]) => name.startsWith(label)) ?? ["", ""])[1]);
      const at = cells.findIndex(([name]) => name === "Year to date");
      const has = (text, words, what) => { if (words !== "") { ++compared; assert.ok(text.includes(words), `${row.ref} ${what}: ${words} in ${text}`); } };
      const begins = (text, value, what) => {
        if (value === "") return;
        ++compared;
        assert.ok(text.startsWith(figure(value, row.unit)), `${row.ref} ${what}: ${figure(value, row.unit)} begins ${text}`);
      };
      const label = (status) => (status === "" ? "" : labels[row.scheme][status] ?? status.replaceAll("-", " "));
      has(squeezed(shown[i].name), squeezed(row.description), "description");
      has(shown[i].name, row.key_commitment, "key commitment");
      begins(cell("Benchmark"), row.benchmark, "benchmark");
      has(cell("Benchmark"), row.benchmark === "" ? "" : row.benchmark_label, "benchmark's label");
      for (const q of [1, 2, 3]) {
        begins(cell(`Quarter ${q}`), row[`q${q}`], `quarter ${q}`);
        has(cell(`Quarter ${q}`), label(row[`q${q}_status`]), `quarter ${q}'s status`);
      }
      begins(cell("Year to date"), row.ytd, "year to date");
      has(cell("Year to date"), label(row.ytd_status), "year to date's status");
      begins(squeezed(cells[at + 1][1]), row.previous, "previous");
      begins(squeezed(shown[i].now), row.current, "current");
      has(shown[i].now, label(row.status), "status");
      if (row.numerator !== "") has(shown[i].now, `${figure(row.numerator, "count")} out of ${figure(row.denominator, "count")}`, "parts");
      if (row.volume !== "") has(shown[i].now, figure(row.volume, "count"), "volume");
      has(cell("Direction"), row.arrow, "arrow");
      begins(cell("Previous target"), row.previous_target, "previous target");
      begins(cell("Target"), row.target || row.target_low, "target");
      has(cell("Target"), row.target_high === "" ? "" : figure(row.target_high, row.unit), "target's upper end");
      has(squeezed(shown[i].words), squeezed(row.comment), "comment");
      for (const note of notes[row.ref]) has(squeezed(shown[i].words), squeezed(note), "note");
    });
    assert.ok(compared > 1100, `${compared} cells were compared`);
    await close();
  }
});

test("an open page asks anew when its watch ends, and ends where it is not its reader's any more", async () => {
  const { page, close } = await open("/accessibility");
  let events = "retry: 50\n\n";
  let status = 200;
  await page.route(`${base}${report}/changes`, (route) => route.fulfill({ contentType: "text/event-stream", body: events }));
  await page.route(base + report, async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    if (status !== 200) return route.fulfill({ status });
    const answer = await route.fetch();
    return route.fulfill({ response: answer, body: (await answer.text()).replaceAll("calls answered", "calls that rights let through") });
  });
  await page.goto(base + report);
  await page.locator("#T21a", { hasText: "calls that rights let through" }).waitFor();  // With no word of a row, and at the same position.
  status = 403;
  events += "event: at\ndata: e9/9/9\n\n";
  await page.locator("#live", { hasText: "The report is not here for you any more." }).waitFor();
  await close();
});

// Records a figure as a performance team does.
function record(value) {
  writeFileSync(`${settings.scratch}/live.csv`, `ref,period,value\nT54,2022-02,${value}\n`);
  execFileSync(settings.cli, ["readings", "submit", `${settings.scratch}/live.csv`], { env: settings.environment });
}

test("an open page shows a change, tells it politely, and moves nothing", async () => {
  const { page, heard, close } = await open(report);
  const figure = page.locator("#T54 td.now .number");
  assert.equal(await figure.textContent(), "1,732");
  await page.locator("#T55 th a").focus();
  const at = (await page.locator("#T55").boundingBox()).y;
  record(2001);
  await page.locator("#T54 td.now .number", { hasText: "2,001" }).waitFor();
  assert.equal(await page.locator("#live").textContent(), "Changed just now: T54.");
  assert.equal(await page.evaluate(() => document.activeElement.closest("tbody").id), "T55", "the focus stays");
  assert.ok(Math.abs((await page.locator("#T55").boundingBox()).y - at) < 2, "what is read stays in its place");
  // What changes while the connection is cut is there once it is back.
  await page.context().setOffline(true);
  record(2002);
  await page.context().setOffline(false);
  await page.locator("#T54 td.now .number", { hasText: "2,002" }).waitFor();
  // A row that was filtered out and changes stays out, and the order stays.
  await page.getByLabel("Show only rows with these words").fill("T55");
  await page.getByLabel("Order of each service").selectOption({ label: "Indicator, downwards" });
  const order = () => page.locator("table.report", { has: page.locator("#T54") }).evaluate((table) => [...table.tBodies].map((body) => body.id));
  const before = await order();
  record(2003);
  await page.locator("#T54 td.now .number", { hasText: "2,003" }).waitFor({ state: "attached" });
  await page.locator("#T54").waitFor({ state: "hidden" });
  assert.deepEqual(await order(), before);
  assert.equal(await page.locator("#T55").isVisible(), true);
  assert.deepEqual(heard.filter((words) => !/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/.test(words)), []);
  await close();
});
