// The program's CSV files, in any of the dialects that it writes, and CSV for download.
"use strict";

tradewinds.csv = (() => {
  // A cell that a spreadsheet would take for a formula has a ' before it.
  const unguarded = (cell) => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);
  const isDecimalComma = (cell) => /^-?\d+,\d+(e-?\d+)?$/.test(cell);

  // Rows as objects of texts: numbers keep the digits that the file has.
  function parse(text) {
    const plain = text.replace(/^\ufeff/, "");
    const european = plain.slice(0, plain.indexOf("\n")).includes(";");
    const clean = (cell) => unguarded(european && isDecimalComma(cell) ? cell.replace(",", ".") : cell);
    // `parseRows` and not `parse`, which makes a function out of text: the page forbids itself that.
    const [columns, ...lines] = d3.dsvFormat(european ? ";" : ",").parseRows(plain);
    const rows = lines.map((cells) => Object.fromEntries(columns.map((name, at) => [name, clean(cells[at] ?? "")])));
    rows.columns = columns;
    return rows;
  }

  // An empty cell is no number.
  const number = (cell) => (cell === undefined || cell === "" ? NaN : Number(cell));

  const format = (columns, rows) => d3.csvFormatRows([columns, ...rows]);

  return { parse, number, format };
})();
