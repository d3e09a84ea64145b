// How numbers and names are written.
"use strict";
const tradewinds = {};

tradewinds.text = (() => {
  const MINUS = "\u2212";
  const grouped = (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const formats = [0, 1, 2, 3, 4].map(grouped);

  // How many decimals a value of this size needs to be read.
  function decimals(value) {
    const size = Math.abs(value);
    if (size >= 99.95 || size === 0) return 0;
    if (size >= 9.995) return 1;
    return size >= 0.9995 ? 2 : 3;
  }

  // A value as one says it: 1,074; 225; 31.4; 0.52.
  function number(value, digits = decimals(value)) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "";
    return formats[Math.min(digits, formats.length - 1)].format(value).replace(/^-(?=0(\.0*)?$)/, "").replace("-", MINUS);
  }

  function signed(value, digits = decimals(value)) {
    const text = number(value, digits);
    return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
  }

  // A probability in per cent; what is rare is not never.
  function percent(share, digits = 1) {
    const value = 100 * share;
    if (value > 0 && value < 0.05) return "< 0.1 %";
    if (value < 100 && value > 99.95) return "> 99.9 %";
    return `${formats[value === 0 || value === 100 ? 0 : Math.min(digits, formats.length - 1)].format(value)} %`;
  }

  // As many decimals as show a digit of a standard error, and no fewer than the value would have without it.
  const errorDecimals = (error, least = 0) => (error > 0 ? Math.max(least, Math.min(4, -Math.floor(Math.log10(error)))) : least);

  // Such as `± 0.06`, never torn apart; nothing where there is none.
  const error = (size, least = 0) => (size > 0 ? `\u00b1\u00a0${number(size, errorDecimals(size, least))}` : "");

  const range = (low, high, digits = Math.min(decimals(low), decimals(high))) => {
    return `${number(low, digits)} to ${number(high, digits)}`;
  };

  // Six significant digits, as `projection.csv` has.
  const exact = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "");

  // An axis says 1,000 and not 1000, and no more decimals than it needs.
  const tick = (value) => d3.format(",~r")(Number(value.toPrecision(10))).replace("-", MINUS);

  // Level 0.05 is the 5th percentile.
  function ordinal(level) {
    const rank = Number((100 * level).toPrecision(6));
    const last = rank % 10;
    const teen = Math.floor(rank / 10) % 10 === 1;
    const ending = teen ? "th" : { 1: "st", 2: "nd", 3: "rd" }[last] ?? "th";
    return `${rank}${ending}`;
  }

  const list = (words) => new Intl.ListFormat("en-GB").format(words);
  // Without its middle: names of inputs differ at their ends.
  function shortened(text, most) {
    if (text.length <= most) return text;
    const head = Math.ceil((most - 1) / 3);
    return `${text.slice(0, head)}\u2026${text.slice(text.length - Math.max(0, most - 1 - head))}`;
  }

  return { number, signed, errorDecimals, error, percent, range, exact, tick, ordinal, list, shortened, decimals };
})();
