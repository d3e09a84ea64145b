// How this was made: enough to make it again.
"use strict";

tradewinds.manifest = (() => {
  const { h } = tradewinds.dom;
  const { text } = tradewinds;
  const { table, scrollable } = tradewinds.figure;
  const { download } = tradewinds.dom;

  const value = (it) => (it === undefined || it === null ? "" : String(it));

  function runs({ family, scenario }) {
    const columns = [["scenario", "Scenario"], ["version", "Version"], ["seed", "Seed"], ["trials", "Trials"], ["step", "Step"], ["unit", "Unit"], ["prices", "Prices"], ["metric", "Metric"], ["as_of", "As of"], ["threads", "Threads"], ["seconds", "Seconds"]];
    const cells = ({ run }) => ({ ...run, trials: text.number(run.trials, 0), seconds: text.number(run.wall_seconds, 1) });
    const texts = family.scenarios.map((it) => columns.map(([key]) => value(cells(it)[key])));
    const numeric = new Set(["seed", "trials", "threads", "seconds"]);
    return scrollable("Runs", table(columns.map(([key, label]) => ({ key, label, text: !numeric.has(key), long: key === "metric" })), texts, "How each scenario was run", family.scenarios.indexOf(scenario)), "wrap");
  }

  const digests = (title, files) => files?.length
    ? h("details", null, h("summary", null, title), scrollable(title, table([{ key: "file", text: true }, { key: "sha256", label: "SHA-256", text: true }], files.map((it) => [it.file, it.sha256]), title)))
    : null;

  function originals({ scenario }) {
    const names = Object.keys(scenario.files);
    return h("details", null, h("summary", null, `Download the files of ${scenario.id} as the program wrote them`),
      h("p", { class: "downloads" }, names.map((name) => h("button", { type: "button", class: "quiet", onclick: () => download(`${scenario.id}-${name}`, scenario.files[name]) }, name))));
  }

  function render(view) {
    const { run, id } = view.scenario;
    return [
      runs(view),
      run.notes ? h("p", null, h("strong", null, "Notes. "), run.notes) : null,
      originals(view),
      digests(`Results of ${id} and their digests`, run.outputs),
      digests(`Files that ${id} came from`, [...(run.sources ?? []), { file: "the whole scenario, as below", sha256: run.resolved_sha256 }]),
      digests(`Parts that ${id} was merged from`, run.parts),
      run.resolved ? h("details", { "data-resolved": true }, h("summary", null, `The whole scenario ${id}, overlays put together`), h("pre", { tabindex: "0", role: "region", "aria-label": "Scenario" }, run.resolved)) : null,
    ].filter(Boolean);
  }

  return { id: "manifest", title: "How this was made", lede: "The same version, scenario, seed and number of trials give the same figures to the byte.", render };
})();
