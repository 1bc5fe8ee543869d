"use strict";
(() => {
  // Tables sort by a click on a heading; without a script they are read in the order of the report.
  const value = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.sort !== undefined ? Number(cell.dataset.sort) : cell.textContent.trim();
  };
  const before = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const given = [...body.rows];
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, at) => {
      if (heading.dataset.plain !== undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      // Buttons are not repeated on the pages of a table in print; words are.
      const words = document.createElement("span");
      words.className = "for-print";
      words.setAttribute("aria-hidden", "true");
      words.textContent = heading.textContent;
      button.append(...heading.childNodes);
      heading.append(button, words);
      button.addEventListener("click", () => {
        const now = heading.getAttribute("aria-sort");
        const numeric = given.some((row) => row.cells[at].dataset.sort !== undefined);
        // Figures are first asked for with the largest on top.
        const down = numeric && heading.dataset.smallest === undefined;
        const order = down ? ["descending", "ascending"] : ["ascending", "descending"];
        const next = now === order[0] ? order[1] : now === order[1] ? null : order[0];
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        if (next === null) {
          body.append(...given);
          return;
        }
        heading.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        body.append(...[...given].sort((a, b) => sign * before(value(a, at), value(b, at))));
      });
    });
  }
  const field = document.getElementById("filter");
  if (field !== null) {
    const rows = [...document.getElementById("all").tBodies[0].rows];
    const shown = document.getElementById("shown");
    field.closest("p").hidden = false;
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        // Not the figures: a number is looked for as a number, in places and passages.
        const text = [...row.cells].slice(0, 4).map((cell) => cell.textContent).join(" ").toLowerCase();
        const numbers = text.split(/[^0-9]+/);
        row.hidden = !words.every((word) => (/^[0-9]+$/.test(word) ? numbers.includes(word) : text.includes(word)));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = words.length ? `${count} of ${rows.length} passages` : "";
    });
  }
  // What is folded away is opened for print, but for the long list of all passages, and where a link leads into it.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")].filter((part) => !part.closest("#passages"));
    opened.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) {
      if (field !== null && field.value) {
        field.value = "";
        field.dispatchEvent(new Event("input"));
      }
      folded.open = true;
      target.scrollIntoView({ block: "center" });
    }
  };
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    // The same link once more changes no address, and leads there all the same.
    if (event.target.closest('a[href^="#p"]')?.hash === location.hash) follow();
  });
  follow();
})();
