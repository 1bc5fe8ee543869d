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
      button.append(...heading.childNodes);
      heading.prepend(button);
      button.addEventListener("click", () => {
        const now = heading.getAttribute("aria-sort");
        const numeric = given.some((row) => row.cells[at].dataset.sort !== undefined);
        // Figures are first asked for with the largest on top.
        const order = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
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
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = words.length ? `${count} of ${rows.length}` : "";
    });
  }
  // What is folded away is opened for print, but for the long list of all passages, and where a link leads into it.
  const open = () => document.querySelectorAll("details:not(#passages details)").forEach((part) => { part.open = true; });
  window.addEventListener("beforeprint", open);
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
  follow();
})();
