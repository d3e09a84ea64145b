// Opens report.html from the disk in a real Chromium and looks at what a reader would see.
//
//   node --test report.test.mjs        with FAMILY and LEARNED, folders of finished families that have report.html; in the
//                                      second one is a scenario that `condition` has taught
//
// SHOTS, a folder, keeps a picture of each view there.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const FAMILY = path.resolve(process.env.FAMILY ?? "");
const SHOTS = process.env.SHOTS && path.resolve(process.env.SHOTS);
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LEARNED = path.resolve(process.env.LEARNED ?? "");
const address = (family) => pathToFileURL(path.join(family, "report.html")).href;
const PAGE = address(FAMILY);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// Rows of a CSV file of the program as objects; its cells have commas only between quotes.
function csvOf(family, ...parts) {
  const [head, ...lines] = fs.readFileSync(path.join(family, ...parts), "utf8").trim().split("\n");
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, head.split(",").length).map(([, cell]) => cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, at) => [head.split(",")[at], cell])));
}

const csv = (...parts) => csvOf(FAMILY, ...parts);

let browser;
const complaints = [];
const requests = [];

async function open({ of = FAMILY, hash = "", width = 1400, scheme = "light", script = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme: scheme, reducedMotion: "reduce", acceptDownloads: true, javaScriptEnabled: script });
  const page = await context.newPage();
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.stack}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address(of) + hash);
  if (script) await page.waitForSelector("html[data-ready]", { timeout: 60000 });
  return page;
}

const figure = (page, id) => page.locator(`[data-figure="${id}"]`);
const count = (page, id, marks) => figure(page, id).locator(`svg ${marks}`).count();
const choose = (page, name, value) => page.selectOption(`select[name=${name}]`, value);

// The table behind a chart, opened the way a reader opens it.
async function table(page, id) {
  const details = figure(page, id).locator("details.data").first();
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
  return details.locator("table").evaluate((it) => {
    const texts = (row) => [...row.cells].map((cell) => cell.textContent);
    const names = texts(it.tHead.rows[0]);
    return [...it.tBodies[0].rows].map((row) => Object.fromEntries(texts(row).map((text, at) => [names[at], text])));
  });
}

const rowsOf = (found) => found.evaluate((it) => [...it.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)));

before(async () => {
  for (const family of [FAMILY, LEARNED]) assert.ok(fs.existsSync(path.join(family, "report.html")), "FAMILY and LEARNED name folders with report.html");
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});

after(async () => {
  await browser.close();
});

describe("the page", () => {
  test("has each chart with its marks", async () => {
    const page = await open();
    const expected = {
      // Nine shades, two edges of each named band, the median.
      fan: [[".shade path", 9], [".median path", 1], [".base circle", 1]],
      overlay: [[".scenario path", 7], [".band path", 1]],
      beside: [["circle", 7]],
      comparison: [["circle", 5]],
      distribution: [[".bin rect", 20]],
      "target-one-billion": [[".bar rect", 7]],
      "first-passage-one-billion": [[".passage path", 7], ["circle", 56]],
      waterfall: [[".bar rect", 18]],
      tornado: [[".bar rect", 30]],
      sobol: [["circle", 30]],
      variance: [[".bar rect", 40]],
      status: [[".driver path", 9]],
      "states-stability": [[".state path", 3]],
      "contribution-log-points": [["circle", 12]],
      "contribution-USD-million": [["circle", 2]],
      "driver-direct-flights": [[".band path", 1]],
      "growth-yearly": [[".band path", 3]],
      inputs: [[".asked circle", 60], [".drawn circle", 60]],
      crps: [[".model path", 4]],
      coverage: [[".cover circle", 12]],
      pit: [[".bar rect", 40]],
    };
    for (const [id, marks] of Object.entries(expected)) {
      for (const [selector, least] of marks) {
        const found = await count(page, id, selector);
        assert.ok(found >= least, `${id} has ${found} of ${selector}, not ${least}`);
      }
    }
    const measures = new Set(csv("baseline", "projection.csv").map((row) => row.measure));
    assert.equal(await page.locator("[data-group=measures] figure svg").count(), measures.size);
    await page.context().close();
  });

  test("shows the numbers of the files", async () => {
    const page = await open({ hash: "#view?scenario=baseline&measure=total&period=2030" });
    const projection = csv("baseline", "projection.csv").filter((row) => row.measure === "total");
    const quantiles = csv("baseline", "quantiles.csv").filter((row) => row.measure === "total" && row.statistic === "quantile");
    const shown = await table(page, "fan");
    assert.equal(shown.length, projection.length);
    for (const [at, row] of shown.entries()) {
      for (const key of ["period", "status", "mean", "sd", "p01", "p05", "p25", "p50", "p90", "p99"]) assert.equal(row[key], projection[at][key], `${row.period} ${key}`);
      if (row.status === "base") continue;
      for (const [key, level] of [["p20", 0.2], ["p40", 0.4], ["p80", 0.8]]) {
        const value = Number(quantiles.find((it) => it.period === row.period && Number(it.level) === level).value);
        assert.equal(row[key], String(Number(value.toPrecision(6))), `${row.period} ${key}`);
      }
    }
    const whole = (id, file, pick = () => true) => table(page, id).then((rows) => {
      const expected = csv(...file).filter(pick);
      assert.equal(rows.length, expected.length, id);
      rows.forEach((row, at) => Object.entries(row).forEach(([key, cell]) => assert.equal(cell, expected[at][key], `${id}, row ${at}, ${key}`)));
    });
    const now = (row) => row.measure === "total" && row.period === "2030";
    await whole("comparison", ["compare", "comparison.csv"], now);
    await whole("distribution", ["baseline", "distribution.csv"], now);
    await whole("waterfall", ["baseline", "attribution.csv"], now);
    await whole("tornado", ["baseline", "sensitivity.csv"], now);
    await whole("variance", ["baseline", "variance.csv"], (row) => row.measure === "total");
    await whole("status", ["baseline", "drivers.csv"]);
    await whole("states-stability", ["baseline", "drivers.csv"], (row) => row.driver === "stability");
    await whole("growth-yearly", ["baseline", "growth.csv"], (row) => row.measure === "total" && row.kind === "yearly");
    await whole("inputs", ["baseline", "inputs.csv"]);
    await whole("crps", ["backtest.csv"]);
    await whole("coverage", ["backtest.csv"], (row) => row.model === "tradewinds" && row.size_class === "all");
    await page.context().close();
  });

  test("draws the median where the file says it is", async () => {
    const page = await open({ hash: "#view?scenario=baseline&measure=total&scale=linear" });
    const rows = csv("baseline", "projection.csv").filter((row) => row.measure === "total");
    const { path, ticks } = await figure(page, "fan").locator("svg").first().evaluate((svg) => ({
      path: svg.querySelector(".median path").getAttribute("d"),
      ticks: [...svg.querySelectorAll("[aria-label='y-axis tick label'] text")].map((it) => [Number(it.textContent.replaceAll(",", "").replace("\u2212", "-")), Number(it.getAttribute("transform").match(/,([-\d.]+)\)/)[1])]),
    }));
    const drawn = [...path.matchAll(/[ML]?([-\d.]+),([-\d.]+)/g)].map(([, , y]) => Number(y));
    assert.equal(drawn.length, rows.length);
    const [[low, yLow], [high, yHigh]] = [ticks[0], ticks.at(-1)];
    rows.forEach((row, at) => {
      const y = yLow + ((Number(row.p50) - low) / (high - low)) * (yHigh - yLow);
      assert.ok(Math.abs(drawn[at] - y) < 1, `${row.period}: drawn at ${drawn[at]}, expected ${y}`);
    });
    await page.context().close();
  });

  test("says when targets are first reached", async () => {
    const page = await open();
    const cells = await rowsOf(figure(page, "first-passage-halved").locator("[data-table=first-years] table"));
    assert.equal(cells.length, 8);
    for (const [scenario, ...shares] of cells) {
      const rows = csv(scenario, "first_passage.csv").filter((row) => row.target === "halved");
      assert.equal(rows.length, 5);
      const target = csv(scenario, "targets.csv").find((row) => row.target === "halved");
      const expected = [...rows.map((row) => Number(row.probability)), 1 - Number(target.probability)];
      assert.equal(shares.length, 6);
      shares.forEach((share, at) => assert.ok(Math.abs(Number(share.replace(" %", "")) - 100 * expected[at]) <= 0.0501, `${scenario}: ${share}, ${expected[at]}`));
    }
    await page.context().close();
  });

  test("says what a change is worth, how sure that is, and how likely a billion is", async () => {
    const page = await open();
    const said = await page.locator("#glance .sentences li").allTextContents();
    const rows = csv("compare", "comparison.csv").filter((row) => row.measure === "total" && row.period === "2030");
    assert.equal(said.length, rows.length);
    for (const scenario of ["no-flights", "no-mou", "instability"]) {
      const row = rows.find((it) => it.scenario === scenario);
      const sentence = said.find((it) => it.includes(`(${scenario})`));
      const [, size, error] = sentence.match(/([\d.,]+)\u00a0\u00b1\u00a0([\d.]+) lower on average/);
      assert.ok(Math.abs(Number(size) + Number(row.difference_mean)) <= Number(error), `${sentence}: ${row.difference_mean}`);
      assert.equal(Number(error).toPrecision(1), Number(row.difference_se).toPrecision(1), sentence);
    }
    const billion = csv("baseline", "targets.csv").find((row) => row.target === "one-billion");
    const card = await page.locator(".card", { hasText: "one-billion" }).textContent();
    assert.ok(card.includes(`${(100 * Number(billion.probability)).toFixed(1)} %`), `${card}: ${billion.probability}`);
    await page.context().close();
  });

  test("says what each part is worth, and what it is worth if it happens", async () => {
    const page = await open({ hash: "#view?scenario=baseline&measure=total&period=2030" });
    const cells = await rowsOf(figure(page, "waterfall").locator("[data-table=worths] table"));
    const rows = csv("baseline", "attribution.csv").filter((row) => row.measure === "total" && row.period === "2030" && !["base", "change"].includes(row.kind));
    assert.equal(cells.length, rows.length);
    const size = (cell) => Number(cell.split(" ")[0].replace("\u2212", "-").replace("+", ""));
    for (const row of rows) {
      const found = cells.find(([part]) => part === (row.title || row.part));
      assert.ok(Math.abs(size(found[1]) - Number(row.mean)) <= 0.05, `${found}: ${row.mean}`);
      const isUncertain = row.kind === "driver" && row.probability_happens !== "1";
      assert.equal(found[4], isUncertain ? `${(100 * Number(row.probability_happens)).toFixed(1)} %` : "", row.part);
      if (isUncertain) assert.ok(Math.abs(size(found[5]) - Number(row.mean_if_happens)) <= 0.05, `${found}: ${row.mean_if_happens}`);
    }
    await page.context().close();
  });

  test("sets prior against posterior, and draws what was observed", async () => {
    const page = await open({ of: LEARNED, hash: "#view?scenario=history%2C+conditioned&measure=exports.fish" });
    const [inputs, observed, fits] = ["inputs", "history", "observations"].map((name) => csvOf(LEARNED, "history", "condition", `${name}.csv`));
    assert.equal(await count(page, "fan", ".observed path"), observed.length);
    assert.equal(await count(page, "learned", ".prior line"), inputs.length);
    assert.equal(await count(page, "learned", ".posterior line"), inputs.length);
    assert.equal(await count(page, "learned", "circle"), 2 * inputs.length);
    for (const reporter of ["NOR", "VNM"]) {
      const of = fits.filter((row) => row.reporter === reporter);
      assert.equal(await count(page, `fit-exports.fish-${reporter}`, ".observed path"), of.length);
    }
    const run = JSON.parse(fs.readFileSync(path.join(LEARNED, "history", "condition", "run.json"), "utf8"));
    const size = Math.round(run.effective_sample_size).toLocaleString("en-US");
    assert.match(await figure(page, "learned").locator(".summary").textContent(), new RegExp(`${fits.length} observations.* ${size} independent`));
    assert.match(await page.locator(".facts").textContent(), new RegExp(`effective sample size ${size}`));
    const shown = await table(page, "learned");
    shown.forEach((row, at) => Object.entries(row).forEach(([key, cell]) => assert.equal(cell, inputs[at][key], `${row.input}, ${key}`)));
    // Before learning the draws are as asked for, after it they are not.
    assert.match(await figure(page, "inputs").locator(".summary").textContent(), /more than 0\.0\d standard deviations/);
    assert.match(await page.locator("#glance tr.marked").textContent(), /in 2014/);
    await choose(page, "scenario", "history");
    assert.equal(await figure(page, "learned").count(), 0);
    assert.equal(await count(page, "fan", ".observed path"), observed.length);
    await page.context().close();
  });

  test("says what to do for what is not there", async () => {
    const page = await open({ of: LEARNED, hash: "#view?scenario=history" });
    const said = await page.locator(".absent").allTextContents();
    for (const words of ["tradewinds explain scenarios/tutorial/04-history.toml", "tradewinds compare BASE OTHER..", "tradewinds run --growth", "tradewinds backtest"]) {
      assert.ok(said.some((it) => it.includes(words)), `${words} is not in ${said}`);
    }
    await page.context().close();
  });

  test("follows the selectors, and its address keeps the view", async () => {
    const page = await open();
    await choose(page, "scenario", "no-flights");
    await choose(page, "measure", "exports");
    await choose(page, "period", "2027");
    assert.match(await figure(page, "fan").locator("h3").textContent(), /exports, no-flights/);
    assert.match(await page.locator("#announcer").textContent(), /exports of no-flights, 2027/);
    const [row] = (await table(page, "fan")).filter((it) => it.period === "2027");
    assert.equal(row.p50, csv("no-flights", "projection.csv").find((it) => it.measure === "exports" && it.period === "2027").p50);
    const again = await open({ hash: new URL(page.url()).hash });
    assert.match(await figure(again, "fan").locator("h3").textContent(), /exports, no-flights/);
    const [lines, hidden] = [await count(page, "overlay", ".scenario path"), page.locator("input[value=article]")];
    await hidden.uncheck();
    assert.equal(await count(page, "overlay", ".scenario path"), lines - 1);
    assert.equal(await page.evaluate(() => document.activeElement.value), "article", "the keyboard stays where it was");
    await choose(page, "scale", "log");
    assert.equal(await count(page, "fan", ".median path"), 1);
    for (const each of [page, again]) await each.context().close();
  });

  test("gives every view without an error", async () => {
    const page = await open();
    for (const scenario of await page.locator("select[name=scenario] option").evaluateAll((all) => all.map((it) => it.value))) {
      await choose(page, "scenario", scenario);
      // Of the others the measures are drawn alike; one of each is enough.
      const offered = scenario === "baseline" ? "option" : "option[value=balance]";
      for (const measure of await page.locator(`select[name=measure] ${offered}`).evaluateAll((all) => all.map((it) => it.value))) {
        await choose(page, "measure", measure);
        assert.equal(await count(page, "fan", ".median path"), 1, `${scenario}, ${measure}`);
        assert.doesNotMatch(await page.locator("#body").textContent(), /NaN|undefined|Infinity|\[object/, `${scenario}, ${measure}`);
      }
    }
    await page.context().close();
  });

  test("offers the data and the files for download", async () => {
    const page = await open({ hash: "#view?scenario=baseline&measure=total" });
    await table(page, "fan");
    const [data] = await Promise.all([page.waitForEvent("download"), figure(page, "fan").getByRole("button", { name: /Download/ }).click()]);
    const text = fs.readFileSync(await data.path(), "utf8");
    assert.equal(text.trim().split("\n").length, 1 + csv("baseline", "projection.csv").filter((row) => row.measure === "total").length);
    await page.getByText("Download the files of baseline").click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "projection.csv", exact: true }).click()]);
    assert.equal(fs.readFileSync(await file.path(), "utf8"), fs.readFileSync(path.join(FAMILY, "baseline", "projection.csv"), "utf8"));
    await page.context().close();
  });

  test("can be used with the keyboard", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the results");
    await page.locator("select[name=measure]").focus();
    await page.keyboard.type("exports");
    await page.keyboard.press("Enter");
    assert.match(await figure(page, "fan").locator("h3").textContent(), /^exports/);
    assert.equal(await page.evaluate(() => document.activeElement.name), "measure");
    await page.getByRole("link", { name: "Targets" }).focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "targets-title");
    await figure(page, "inputs").locator("summary").focus();
    await page.keyboard.press("Enter");
    // The table is made once the browser says that it is open; without it this waits in vain and fails.
    await figure(page, "inputs").locator("table").waitFor({ timeout: 5000 });
    await page.context().close();
  });

  for (const scheme of ["light", "dark"]) {
    test(`has no fault that axe finds, ${scheme}`, async () => {
      const page = await open({ scheme });
      await table(page, "fan");
      // The page's own policy forbids scripts from elsewhere; this one comes through the debugger.
      await page.evaluate(fs.readFileSync(AXE, "utf8"));
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      assert.deepEqual(violations.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`), []);
      await page.context().close();
    });
  }

  test("fits a phone, and prints", async () => {
    const page = await open({ width: 390 });
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `the page is ${wide} wide in a window of ${window}`);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 100000);
    if (SHOTS) fs.writeFileSync(path.join(SHOTS, "print.pdf"), pdf);
    await page.context().close();
  });

  test("speaks to a reader without scripts", async () => {
    const page = await open({ script: false });
    assert.match(await page.locator(".trouble").textContent(), /CSV files beside this one/);
    await page.context().close();
  });

  test("asked for nothing but itself, and the console is empty", () => {
    const foreign = requests.filter((url) => ![PAGE, address(LEARNED)].some((own) => url.startsWith(own)) && !url.startsWith("blob:"));
    assert.deepEqual(foreign, []);
    assert.deepEqual(complaints, []);
  });
});

describe("pictures", { skip: !SHOTS }, () => {
  for (const [scheme, width] of [["light", 1400], ["dark", 1400], ["light", 390]]) {
    test(`${scheme}, ${width}`, async () => {
      const page = await open({ scheme, width });
      await page.evaluate(() => { document.getElementById("controls").style.position = "static"; });
      for (const section of await page.locator("section").all()) {
        await section.screenshot({ path: path.join(SHOTS, `${scheme}-${width}-${await section.getAttribute("id")}.png`) });
      }
      await page.context().close();
    });
  }
});
