"use strict";
// Sorting and filtering. Without this script the page reads the same, in its first order.
const value = (cell) => {
  const text = cell.dataset.v ?? cell.textContent.trim();
  return text === "" ? null : Number.isNaN(Number(text)) ? text.toLowerCase() : Number(text);
};
const compared = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

const sort = (table, head) => {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [row.cells[head.cellIndex] ? value(row.cells[head.cellIndex]) : null, row]);
  // What has no value stands last, whichever the direction.
  keyed.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : down ? compared(b, a) : compared(a, b)));
  body.append(...keyed.map(([, row]) => row));
};

for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.tHead.rows[0].cells) {
    if ("fixed" in head.dataset) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, head));
  }
}

const filter = (form) => {
  const table = document.getElementById(form.dataset.for);
  const chosen = Object.fromEntries(new FormData(form));
  const text = (chosen.text ?? "").trim().toLowerCase();
  // A table with a column per lesson shows the column that was chosen; another shows the rows of that lesson.
  const heads = [...table.tHead.rows[0].cells];
  const column = chosen.lesson ? heads.findIndex((head) => head.dataset.lesson === chosen.lesson) : -1;
  let shown = 0;
  for (const row of [...table.tBodies[0].rows]) {
    const name = row.cells[0].textContent + (row.dataset.lesson ? " " + row.cells[1].textContent : "");
    const marked = column >= 0 ? row.cells[column] : row;
    const fits =
      name.toLowerCase().includes(text) &&
      (!chosen.lesson || column >= 0 || row.dataset.lesson === chosen.lesson) &&
      (!chosen.mark || (marked.dataset.m ?? "").split("|").includes(chosen.mark));
    row.hidden = !fits;
    shown += fits;
    [...row.cells].forEach((cell, number) => {
      if (heads[number].dataset.lesson) cell.hidden = column >= 0 && number !== column;
    });
  }
  for (const [number, head] of heads.entries()) if (head.dataset.lesson) head.hidden = column >= 0 && number !== column;
  tell(form, shown, table);
};
const tell = (form, shown, table) => {
  form.querySelector("output").value = `${shown} of ${table.tBodies[0].rows.length} shown`;
};

for (const form of document.querySelectorAll("form.filter")) {
  form.hidden = false;
  form.addEventListener("input", () => filter(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  const table = document.getElementById(form.dataset.for);
  tell(form, table.tBodies[0].rows.length, table);
}
