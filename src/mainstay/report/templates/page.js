// Tables sort by their headings; paper shows what is behind them.
(() => {
  function sort(table, column, button) {
    const heading = button.parentElement, down = heading.getAttribute("aria-sort") === "descending";
    const body = table.tBodies[0], key = (line) => line.cells[column].dataset.value;
    const text = (line) => line.cells[column].textContent;
    const order = (a, b) => {
      if (key(a) !== undefined && key(b) !== undefined) return key(a) - key(b);
      if (key(a) === undefined && key(b) === undefined) return text(a).localeCompare(text(b));
      return key(a) === undefined ? -1 : 1;
    };
    const lines = [...body.rows].sort((a, b) => (down ? order(a, b) : order(b, a)));
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "ascending" : "descending");
    body.append(...lines);
  }
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, column, button));
      heading.append(button);
    });
  }
  const closed = new Set();
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details:not([open])")) { closed.add(each); each.open = true; }
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
    closed.clear();
  });
})();
