/* Buttons in the headings of tables with `data-sortable`: sort by a column, up, down. */
(() => {
  "use strict";

  const words = new Intl.Collator("vi", { numeric: true });

  // Figures and days carry their value as the computer orders it; text is its own.
  function valueOf(row, column) {
    const cell = row.cells[column];
    if (!cell) return "";
    return cell.dataset.value ?? cell.textContent.trim();
  }

  function compare(one, other) {
    const numbers = [Number(one), Number(other)];
    if (!numbers.some(Number.isNaN)) return numbers[0] - numbers[1];
    return words.compare(one, other);
  }

  function sort(table, heading, column) {
    const isUp = heading.getAttribute("aria-sort") !== "ascending";
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, value: valueOf(row, column) }));
    rows.sort((a, b) => {
      // What is not known stands last, whichever way.
      if (a.value === "" || b.value === "") return (a.value === "") - (b.value === "");
      return isUp ? compare(a.value, b.value) : compare(b.value, a.value);
    });
    body.append(...rows.map(({ row }) => row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    // Two tables of a page load this script twice.
    table.removeAttribute("data-sortable");
    for (const [column, heading] of [...table.tHead.rows[0].cells].entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, column));
      heading.append(button);
    }
  }
})();
