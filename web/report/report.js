
"use strict";
// report.html works without this script; with it, samples can be searched, filtered, sorted and walked through by keyboard.
(() => {
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];
  let theme = "auto";
  try { theme = localStorage.getItem("assay-theme") || "auto"; } catch { /* files may have no storage */ }
  const showTheme = () => {
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
  };
  if (!themes.includes(theme)) theme = "auto";
  showTheme();

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => { button.textContent = "Theme: " + theme; };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      try { localStorage.setItem("assay-theme", theme); } catch { /* as above */ }
      showTheme();
      label();
    });
    document.querySelectorAll(".samples").forEach(setUp);
    window.addEventListener("hashchange", openTarget);
    openTarget();
    document.addEventListener("keydown", onKey);
  });

  const collator = new Intl.Collator("en", { numeric: true });
  const order = ["scored", "truncated", "unparseable", "failed", "missing"];

  function setUp(section) {
    const list = section.querySelector(".list");
    const rows = Array.from(list.children, (li, index) => ({
      li, index, id: li.querySelector(".id").textContent, o: li.dataset.o, v: li.dataset.v === undefined ? null : Number(li.dataset.v), text: null,
    }));
    const tools = section.querySelector(".tools");
    const heads = section.querySelector(".heads");
    const find = section.querySelector(".find");
    const shown = section.querySelector(".shown");
    const filters = section.querySelector(".filters");
    tools.hidden = heads.hidden = false;

    const wanted = new Set();
    for (const outcome of order) {
      const count = rows.filter((row) => row.o === outcome).length;
      if (!count || count === rows.length) continue;
      const toggle = document.createElement("button");
      toggle.type = "button";
      toggle.textContent = outcome + " " + count.toLocaleString("en");
      toggle.setAttribute("aria-pressed", "false");
      toggle.addEventListener("click", () => {
        const on = !wanted.delete(outcome) && wanted.add(outcome);
        toggle.setAttribute("aria-pressed", on ? "true" : "false");
        apply();
      });
      filters.append(toggle);
    }

    function apply() {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        let ok = !wanted.size || wanted.has(row.o);
        if (ok && words.length) {
          row.text ??= row.li.textContent.toLowerCase();
          ok = words.every((word) => row.text.includes(word));
        }
        row.li.hidden = !ok;
        count += ok;
      }
      shown.textContent = count === rows.length ? "" : count.toLocaleString("en") + " of " + rows.length.toLocaleString("en");
    }
    let waiting = 0;
    find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { find.value = ""; apply(); find.blur(); }
    });

    heads.querySelectorAll("button").forEach((head) => head.addEventListener("click", () => {
      const key = head.dataset.sort;
      const now = head.dataset.way;
      const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
      heads.querySelectorAll("button").forEach((other) => { delete other.dataset.way; other.removeAttribute("aria-pressed"); });
      if (next) { head.dataset.way = next; head.setAttribute("aria-pressed", "true"); }
      const sign = next === "descending" ? -1 : 1;
      rows.sort((a, b) => {
        if (!next) return a.index - b.index;
        if (key === "v" && (a.v === null) !== (b.v === null)) return a.v === null ? 1 : -1;
        const way = key === "v" ? (a.v ?? 0) - (b.v ?? 0) : key === "o" ? order.indexOf(a.o) - order.indexOf(b.o) : collator.compare(a.id, b.id);
        return sign * way || a.index - b.index;
      });
      list.append(...rows.map((row) => row.li));
    }));
  }

  function openTarget() {
    if (!/^#s-\d+-\d+$/.test(location.hash)) return;
    const row = document.getElementById(location.hash.slice(1));
    if (!row) return;
    row.querySelector("details").open = true;
    row.scrollIntoView();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const here = event.target.closest?.(".list > li");
    if (event.key === "/") {
      const find = (here ? here.closest(".samples") : document).querySelector(".find");
      if (find) { event.preventDefault(); find.focus(); find.select(); }
      return;
    }
    const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
    if (!step) return;
    const rows = Array.from(document.querySelectorAll(".list > li:not([hidden])"));
    const next = rows[here ? rows.indexOf(here) + step : step > 0 ? 0 : rows.length - 1];
    if (!next) return;
    event.preventDefault();
    const summary = next.querySelector("summary");
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  }
})();
