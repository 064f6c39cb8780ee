// Filters and sorts the tables of a page. Without it they are whole, in the report's order.
"use strict";
(() => {
  const reports = [...document.querySelectorAll("table.report")];
  const lists = [...document.querySelectorAll("table.list")].filter((table) => table.tBodies[0].rows.length > 1);
  // What moves as one: in a report the body of an indicator, with its words; else a line.
  const items = (table) => (table.matches(".report") ? [...table.tBodies] : [...table.tBodies[0].rows]);
  const heads = (table) => [...table.tHead.rows[0].cells];

  function element(name, attributes = {}, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  // What a cell is sorted by: its figure, else its words. Nothing, and what is no figure among figures, comes last.
  function key(item, column) {
    const row = item.rows ? item.rows[0] : item;
    const cell = row.cells[column];
    if (cell.dataset.sort) return { figure: NaN, text: cell.dataset.sort };
    const text = (cell.querySelector(".number") ?? cell).textContent.trim().replaceAll("\u2212", "-");
    const figure = /^[-+]?\d[\d,]*(\.\d+)?(?![\d-])/.exec(text);
    return { figure: figure ? Number(figure[0].replaceAll(",", "")) : NaN, text: /^(–|n\/a|)$/.test(text) ? "" : text };
  }
  function compare(a, b) {
    if (!Number.isNaN(a.figure) && !Number.isNaN(b.figure)) return a.figure - b.figure;
    return a.text.localeCompare(b.text, "en-GB", { numeric: true });
  }
  const rank = (k) => (k.text === "" ? 2 : Number.isNaN(k.figure) ? 1 : 0);

  const first = new WeakMap();  // The report's own order.
  function sort(table, column, down) {
    if (!first.has(table)) first.set(table, items(table));
    const keyed = items(table).map((item) => ({ item, key: key(item, column) }));
    const figures = keyed.some(({ key: k }) => !Number.isNaN(k.figure));
    keyed.sort((a, b) => (figures ? rank(a.key) - rank(b.key) : (a.key.text === "") - (b.key.text === "")) || (down ? compare(b.key, a.key) : compare(a.key, b.key)));
    keyed[0].item.parentNode.append(...keyed.map(({ item }) => item));
    heads(table).forEach((head, i) => (i === column ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort")));
  }
  function unsort(table) {
    const order = (first.get(table) ?? []).map((item) => (item.isConnected ? item : document.getElementById(item.id))).filter(Boolean);
    if (order.length > 0) order[0].parentNode.append(...order);
    heads(table).forEach((head) => head.removeAttribute("aria-sort"));
  }

  // Every word, wherever it stands in the row, whatever its case.
  function fits(item, words) {
    const text = item.textContent.toLowerCase();
    return words.every((word) => text.includes(word));
  }
  const asked = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

  // The field, and where it is told what became of it.
  function tools(id, label, before) {
    const input = element("input", { id, type: "search", autocomplete: "off", spellcheck: "false" });
    const told = element("p", { role: "status", class: "told" });
    const bar = element("div", { class: "tools" }, element("label", { for: id }, label), input, told);
    before.before(bar);
    return { bar, input, told };
  }

  // The report has many tables and one field. A heading goes with the last of its rows.
  if (reports.length > 0) {
    const { bar, input, told } = tools("filter", "Show only rows with these words", reports[0].closest("main").querySelector("details"));
    const columns = [...new Set(reports.flatMap((table) => heads(table).map((head) => head.textContent)))].filter((name) => name !== "Chart");
    const order = element("select", { id: "order" }, element("option", { value: "" }, "the report’s own"));
    for (const name of columns) {
      for (const [down, words] of [["", "upwards"], ["1", "downwards"]]) order.append(element("option", { value: `${down}|${name}` }, `${name}, ${words}`));
    }
    told.before(element("label", { for: "order" }, "Order of each service’s rows"), order);
    const show = () => {
      const words = asked(input);
      let shown = 0, all = 0;
      for (const table of reports) {
        let here = 0;
        for (const item of items(table)) {
          ++all;
          item.hidden = !fits(item, words);
          if (!item.hidden) ++here;
        }
        shown += here;
        const place = table.parentElement, above = place.previousElementSibling;
        place.hidden = here === 0;
        if (above?.matches("h3")) above.hidden = place.hidden;
      }
      let heading = null;
      for (const child of bar.parentElement.children) {
        if (child.matches("h2")) { if (heading) heading.hidden = true; heading = child.nextElementSibling?.matches("h3, div:has(> table.report)") ? child : null; }
        else if (heading && child.querySelector(":scope > table.report") && !child.hidden) { heading.hidden = false; heading = null; }
      }
      if (heading) heading.hidden = true;
      return `${shown} of ${all} rows are shown.`;
    };
    input.addEventListener("input", () => { told.textContent = show(); });
    order.addEventListener("change", () => {
      const [down, name] = order.value.split("|");
      for (const table of reports) {
        const column = heads(table).findIndex((head) => head.textContent === name);
        if (column < 0) unsort(table);
        else sort(table, column, down === "1");
      }
      told.textContent = name ? `Each service’s rows are in order of ${name}, ${down ? "downwards" : "upwards"}.` : "The rows are in the report’s own order.";
    });
    document.addEventListener("renewed", () => { if (input.value) show(); });  // live.js has put rows in.
  }

  lists.forEach((table, n) => {
    const name = table.caption.textContent;
    const { input, told } = tools(`filter-${n}`, `Show only rows with these words: ${name}`, table);
    table.classList.add("sorts");
    input.addEventListener("input", () => {
      const words = asked(input), rows = items(table);
      for (const row of rows) row.hidden = !fits(row, words);
      told.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows are shown.`;
    });
    heads(table).forEach((head, column) => {
      const button = element("button", { type: "button", class: "sort" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        sort(table, column, down);
        told.textContent = `In order of ${button.textContent}, ${down ? "downwards" : "upwards"}.`;
      });
    });
  });
})();
