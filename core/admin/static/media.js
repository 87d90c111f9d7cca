// Attached files in a form: choose from the library, put in order. The form works without it.
"use strict";

(() => {
  for (const field of document.querySelectorAll("[data-files]")) {
    prepare(field);
  }

  function prepare(field) {
    const list = field.querySelector("[data-attached]");
    const dialog = field.querySelector("dialog");
    const open = field.querySelector("[data-choose]");

    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) {
        event.preventDefault();
        move(button.closest("li"), button);
      }
    });
    field.addEventListener("uploaded", (event) => {
      event.preventDefault();
      attach(event.detail);
    });
    if (open && dialog) {
      open.hidden = false;
      const chooser = makeChooser(dialog, attach);
      open.addEventListener("click", () => {
        dialog.showModal();
        chooser.begin();
      });
    }

    function move(row, button) {
      const up = button.dataset.move === "up";
      const other = up ? row.previousElementSibling : row.nextElementSibling;
      if (!other) {
        return;
      }
      if (up) {
        other.before(row);
      } else {
        other.after(row);
      }
      button.focus();
      changed();
    }

    function attach(told) {
      const known = [...list.children].find((row) => row.dataset.file === String(told.id));
      if (known) {
        const box = known.querySelector("input[type=checkbox]");
        box.checked = false;
        box.focus();
        changed();
        return;
      }
      const template = field.querySelector("template[data-row]").innerHTML;
      const holder = document.createElement("ul");
      holder.innerHTML = template.replaceAll("{id}", String(told.id));
      const row = holder.firstElementChild;
      for (const control of row.querySelectorAll("[data-named]")) {
        control.name = control.dataset.named;
      }
      for (const place of row.querySelectorAll("[data-name]")) {
        place.textContent = told.name;
      }
      const image = row.querySelector(".thumb");
      if (told.thumb) {
        image.src = told.thumb;
      } else {
        image.remove();
      }
      list.append(row);
      changed();
    }

    function changed() {
      list.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function makeChooser(dialog, attach) {
    const search = dialog.querySelector("[data-search]");
    const from = dialog.querySelector("[data-from]");
    const shelf = dialog.querySelector("[data-shelf]");
    const more = dialog.querySelector("[data-more]");
    const take = dialog.querySelector("[data-take]");
    const status = dialog.querySelector("[data-status]");
    const words = dialog.dataset;
    let next = null;
    let turn = 0;
    let timer = 0;
    const chosen = new Map();

    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        load(true);
      }
    });
    search.addEventListener("input", (event) => {
      // What is searched is no change to the text.
      event.stopPropagation();
      clearTimeout(timer);
      timer = setTimeout(() => load(true), 300);
    });
    for (const name of ["input", "change"]) {
      from.addEventListener(name, (event) => event.stopPropagation());
    }
    from.addEventListener("change", () => load(true));
    more.addEventListener("click", () => load(false));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    take.addEventListener("click", finish);

    function begin() {
      chosen.clear();
      search.value = "";
      load(true);
      search.focus();
    }

    async function load(anew) {
      turn += 1;
      const mine = turn;
      const parameters = new URLSearchParams({ q: search.value, kind: "any", from: from.value });
      if (!anew && next) {
        parameters.set("cursor", next);
      }
      let answer;
      try {
        answer = await ask(`${words.library}?${parameters}`);
      } catch (error) {
        status.textContent = error.message || words.lost;
        return;
      }
      if (mine !== turn) {
        return;
      }
      if (anew) {
        shelf.replaceChildren();
        chosen.clear();
      }
      for (const file of answer.files) {
        shelf.append(card(file));
      }
      next = answer.next;
      more.hidden = !next;
      status.textContent = shelf.children.length ? "" : words.nothing;
      show();
    }

    function card(file) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const frame = document.createElement("span");
      frame.className = "frame-of";
      if (file.thumb) {
        const image = document.createElement("img");
        image.src = file.thumb;
        image.alt = "";
        image.loading = "lazy";
        frame.append(image);
      } else {
        const kind = document.createElement("span");
        kind.className = "kind";
        kind.textContent = file.name.split(".").pop().toUpperCase();
        frame.append(kind);
      }
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = file.name;
      button.append(frame, name);
      button.addEventListener("click", () => {
        const key = `${from.value}:${file.id}`;
        if (chosen.has(key)) {
          chosen.delete(key);
        } else {
          chosen.set(key, file);
        }
        button.setAttribute("aria-pressed", String(chosen.has(key)));
        show();
      });
      item.append(button);
      return item;
    }

    function show() {
      take.disabled = chosen.size === 0;
      take.textContent = words.take.replace("{n}", String(chosen.size));
    }

    async function finish() {
      take.disabled = true;
      try {
        for (const [key, file] of [...chosen]) {
          attach(file.take ? await ask(file.take, "POST") : file);
          chosen.delete(key);
        }
        dialog.close();
      } catch (error) {
        status.textContent = error.message || words.lost;
        show();
      }
    }

    async function ask(address, method = "GET") {
      const token = document.querySelector("meta[name=csrf-token]");
      const headers = { Accept: "application/json", "X-CSRFToken": token ? token.content : "" };
      let answer;
      let told;
      try {
        answer = await fetch(address, { method, headers, credentials: "same-origin" });
        told = await answer.json();
      } catch {
        throw new Error(words.lost);
      }
      if (!answer.ok) {
        throw new Error(told.error || words.lost);
      }
      return told;
    }

    return { begin };
  }
})();
