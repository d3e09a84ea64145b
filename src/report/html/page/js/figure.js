// A figure: title, what it shows in words, the chart, its legend, and the data behind it as a table with a download.
"use strict";

tradewinds.figure = (() => {
  const { h, fresh, download } = tradewinds.dom;
  const MOST_ROWS = 2000;
  let drawn = [];

  // The table is made when it is opened: a page of all of them would be slow.
  function data({ name, columns, rows, caption, label = `Data: ${caption}` }, owner) {
    const place = h("div");
    const texts = () => rows.map((row) => columns.map(({ key }) => row[key] ?? ""));
    const details = h("details", { class: "data", "data-keep": `${owner} ${name.split("-").at(-1)}` }, h("summary", label.includes(caption) ? null : { "aria-label": `${label}: ${caption}` }, label), place);
    details.addEventListener("toggle", () => {
      if (details.open && !place.firstChild) place.append(...body(name, columns, texts(), caption));
    });
    return details;
  }

  function body(name, columns, texts, caption) {
    const shown = texts.slice(0, MOST_ROWS);
    const note = texts.length > MOST_ROWS ? h("p", null, `The first ${MOST_ROWS} of ${texts.length} rows; the download has all.`) : null;
    const save = () => download(name, tradewinds.csv.format(columns.map((it) => it.key), texts));
    return [
      h("button", { type: "button", class: "quiet", onclick: save }, `Download ${name}`),
      note,
      scrollable(caption, table(columns, shown, caption)),
    ].filter(Boolean);
  }

  // `marked` is the row to point out.
  function table(columns, texts, caption, marked = -1) {
    const side = (column) => (column.long ? "long" : column.text ? null : "number");
    const head = h("tr", null, columns.map((it) => h("th", { scope: "col", class: side(it) }, it.label ?? it.key)));
    const line = (cells, index) => h("tr", { class: index === marked ? "marked" : null }, cells.map((cell, at) =>
      at === 0 ? h("th", { scope: "row", class: side(columns[at]) }, String(cell)) : h("td", { class: side(columns[at]) }, String(cell))));
    return h("table", null, h("caption", { class: "unseen" }, caption), h("thead", null, head), h("tbody", null, texts.map((cells, index) => line(cells, index))));
  }

  // What may be wider than the page scrolls by itself, and with the keyboard.
  const scrollable = (label, child, kind = "") => h("div", { class: `scroll ${kind}`, tabindex: "0", role: "region", "aria-label": label }, child);

  // `draw` makes the chart for a width. It is drawn again when the width changes.
  function figure({ id, title, act, summary, draw, legend, extra, note, tables = [] }) {
    const [titleId, summaryId] = [fresh("title"), fresh("summary")];
    const place = h("div", { class: "chart", role: "img", "aria-labelledby": titleId, "aria-describedby": summaryId });
    const element = h("figure", { "data-figure": id },
      h("h3", { id: titleId }, act ? h("button", { type: "button", class: "link", "data-keep": `act ${id}`, onclick: act }, title) : title),
      summary instanceof Node ? h("div", { class: "summary", id: summaryId }, summary) : h("p", { class: "summary", id: summaryId }, summary),
      legend,
      place,
      extra,
      note ? h("figcaption", null, note) : null,
      tables.map((it) => data(it, id)));
    drawn.push({ place, draw, width: 0 });
    return element;
  }

  function fit(one) {
    const width = Math.floor(one.place.clientWidth);
    if (!width || width === one.width) return;
    one.width = width;
    one.place.replaceChildren(one.draw(width));
  }

  const fitAll = () => drawn.forEach(fit);

  // On paper there is less room, and layout for it comes too late to measure.
  const PAPER = { "": 690, "grid three": 216, "grid two": 326, grid: 206 };
  function fitPaper() {
    for (const one of drawn) {
      one.width = 0;
      one.place.replaceChildren(one.draw(PAPER[one.place.closest(".grid")?.className ?? ""]));
    }
  }

  const forget = () => { drawn = []; };

  return { figure, data, table, scrollable, fitAll, fitPaper, forget };
})();
