// Puts the page together, and again after each choice.
"use strict";

tradewinds.start = (() => {
  const { h } = tradewinds.dom;
  const { state, controls, model, keep } = tradewinds;
  const { fitAll, fitPaper, forget } = tradewinds.figure;
  const SECTIONS = ["glance", "fan", "scenarios", "distribution", "targets", "explain", "drivers", "growth", "inputs", "skill", "manifest"].map((name) => tradewinds[name]);

  const place = (id) => document.getElementById(id);

  const READING = [
    ["Percentiles do not add up.", "The 95th percentile of the total is not the sum of those of its parts, and the percentiles of the balance are not those of exports less those of imports. Each is taken of the sum itself."],
    ["The edge of a band is not a path.", "The 95th percentiles of two years come from different futures. No future runs along a line through them."],
    ["A band holds what the scenario says is uncertain,", "and nothing else. If the scenario is right, the outcome is in the 90 % band nine times in ten."],
    ["Median and mean differ.", "Trade cannot fall below zero but can multiply, so a few very good futures pull the mean up. Quote the median and a band."],
  ];

  function view(family) {
    const { selected, hidden } = state;
    const scenario = family.scenarios.find((it) => it.id === selected.scenario);
    return { family, scenario, measure: scenario.measure(selected.measure), period: selected.period, scale: selected.scale, hidden };
  }

  function head({ family, scenario }) {
    const { run } = scenario;
    const facts = [run.as_of && `as of ${run.as_of}`, `${run.unit}, ${run.prices} prices`, run.metric, `${tradewinds.text.number(run.trials, 0)} trials, seed ${run.seed}`, run.conditioning && `effective sample size ${tradewinds.text.number(run.conditioning.effective_sample_size, 0)}`];
    return [h("p", { class: "kind" }, "Trade projection"), h("h1", null, family.family), h("p", { class: "subtitle" }, scenario.title), h("p", { class: "facts" }, facts.filter(Boolean).join(" \u00b7 ")), ...warnings(family)];
  }

  // Scenarios of different runs stand beside each other only with a word of caution.
  function warnings({ scenarios }) {
    const differing = [["version", "versions of the program"], ["seed", "seeds"], ["trials", "numbers of trials"], ["metric", "metrics"], ["unit", "units"]]
      .filter(([key]) => new Set(scenarios.map((it) => JSON.stringify(it.run[key]))).size > 1)
      .map(([, words]) => words);
    if (!differing.length) return [];
    return [h("p", { class: "warning" }, h("strong", null, "Not all alike. "), `The scenarios have different ${tradewinds.text.list(differing)} (see \u201cHow this was made\u201d), so part of what sets them apart is that.`)];
  }

  const reading = () => h("details", { class: "reading", open: true, "data-keep": "reading" }, h("summary", null, "How to read the figures"),
    h("dl", null, READING.map(([term, words]) => h("div", null, h("dt", null, term), h("dd", null, words)))));

  // Sections without a word to say to this family are left out; those that miss a file say how to get it.
  function sections(now) {
    return SECTIONS.map((section) => h("section", { id: section.id, "aria-labelledby": `${section.id}-title` },
      h("h2", { id: `${section.id}-title` }, section.title),
      section.lede ? h("p", { class: "lede" }, section.lede) : null,
      section.render(now),
      section.id === "glance" ? reading() : null));
  }

  function navigation() {
    place("sections").append(h("p", { class: "brand" }, "tradewinds"), h("ul", null, SECTIONS.map((section) => h("li", null, h("a", { href: `#${section.id}`, onclick: (event) => goTo(event, section.id) }, section.title)))));
  }

  // The address holds the view, so a jump must not replace it.
  function goTo(event, id) {
    event.preventDefault();
    const title = place(`${id}-title`);
    title.setAttribute("tabindex", "-1");
    title.focus({ preventScroll: true });
    place(id).scrollIntoView();
  }

  function show(family) {
    const now = view(family);
    forget();
    controls.fill(place("controls"), now);
    place("head").replaceChildren(...head(now));
    keep(place("body"), () => {
      place("body").replaceChildren(...sections(now));
      fitAll();
    });
    document.documentElement.dataset.ready = "true";
    return now;
  }

  function announce({ scenario, measure, period }) {
    place("announcer").textContent = `Showing ${measure.id} of ${scenario.id}, ${period}.`;
  }

  function foot() {
    const generator = document.querySelector("meta[name=generator]").content;
    return [`Made by ${generator}. Charts by Observable Plot and D3 (ISC licence, \u00a9 Observable, Inc.; Mike Bostock). This page holds all of its data and asks no network.`];
  }

  function trouble(error) {
    const cure = typeof DecompressionStream === "undefined" ? "This browser is too old for this page: Chrome or Edge 80, Firefox 113 or Safari 16.4 are needed." : `The data of this page cannot be read (${error.message}). Make it again with: tradewinds report FOLDER`;
    place("body").replaceChildren(h("p", { class: "trouble", role: "alert" }, cure));
  }

  return async function start() {
    try {
      const family = await model.load(place("data"));
      state.start(family);
      navigation();
      place("foot").replaceChildren(...foot());
      show(family);
      state.listen(() => announce(show(family)));
      addEventListener("beforeprint", fitPaper);
      addEventListener("afterprint", fitAll);
      new ResizeObserver(() => requestAnimationFrame(fitAll)).observe(place("body"));
    } catch (error) {
      trouble(error);
      throw error;
    }
  };
})();
