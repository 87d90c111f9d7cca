/* Suggestions below search boxes with `data-suggest`, the address asked: a combobox. */
(() => {
  "use strict";

  function set(element, values) {
    for (const name in values) element.setAttribute(name, values[name]);
    return element;
  }

  const make = (tag, parent, values) => set(parent.appendChild(document.createElement(tag)), values);

  for (const input of document.querySelectorAll("[data-suggest]")) {
    const id = `${input.id}-list`, place = input.parentElement;
    const name = input.labels[0].textContent;
    const list = make("ul", place, { id, role: "listbox", class: "suggest-list", "aria-label": name });
    const status = make("p", place, { role: "status", class: "visually-hidden" });
    const rows = list.children;
    const isWord = () => input.value.trim().length > 1;
    let timer, request, chosen;

    place.classList.add("suggest");
    set(input, { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": id });

    function choose(number) {
      chosen = number;
      [...rows].forEach((row, n) => set(row, { "aria-selected": n === chosen }));
      rows[chosen]?.scrollIntoView({ block: "nearest" });
      set(input, { "aria-activedescendant": rows[chosen]?.id ?? "" });
    }

    function open(isOpen) {
      list.hidden = !isOpen;
      set(input, { "aria-expanded": isOpen });
      choose(-1);
    }

    function close() {
      clearTimeout(timer);
      request?.abort();
      open(false);
    }

    async function ask() {
      request?.abort();
      request = new AbortController();
      try {
        const words = new URLSearchParams(new FormData(input.form));
        const answer = await fetch(`${input.dataset.suggest}?${words}`, request);
        const found = await answer.json();
        list.replaceChildren();
        found.rows.forEach(({ label, path, kind }, n) => {
          const row = make("li", list, { id: id + n, role: "option" });
          row.append(label);
          if (kind) make("span", row, { class: "suggest-kind" }).append(kind);
          row.onclick = () => location.assign(path);
        });
        open(rows.length > 0);
        status.textContent = found.told;
      } catch {
        // Stale or silent.
      }
    }

    input.addEventListener("input", () => {
      close();
      status.textContent = "";
      if (isWord()) timer = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], size = rows.length + 1;
      if (event.isComposing) return;
      if (list.hidden) {
        if (step !== 1 || !isWord()) return;
        ask();
      } else if (step) choose(((chosen + 1 + step + size) % size) - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && rows[chosen]) rows[chosen].click();
      else return;
      event.preventDefault();
    });
    // A press must not end in a blur.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    input.onblur = close;
    open(false);
  }
})();
