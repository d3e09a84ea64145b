// Drawing anew without the reader losing their place: focus, scroll position, and what was open stay.
"use strict";

tradewinds.keep = (() => {
  const named = (root, name) => [...root.querySelectorAll("[data-keep]")].find((it) => it.dataset.keep === name);

  // `draw` replaces what is in `root`.
  return function keep(root, draw) {
    const focused = root.contains(document.activeElement) ? document.activeElement.dataset.keep : undefined;
    const open = [...root.querySelectorAll("details[data-keep][open]")].map((it) => it.dataset.keep);
    // An empty page would scroll to its top.
    root.style.minHeight = `${root.offsetHeight}px`;
    draw();
    for (const name of open) named(root, name)?.setAttribute("open", "");
    root.style.minHeight = "";
    if (focused) named(root, focused)?.focus({ preventScroll: true });
  };
})();
