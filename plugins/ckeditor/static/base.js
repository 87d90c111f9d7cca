// What the desk told the editor, and the dialogs its buttons open. Part of the plugin ckeditor,
// GPL-2.0-or-later, as all scripts of this folder.
"use strict";

window.DeskEditor = (() => {
  const told = document.querySelector('meta[name="rich-text"]');
  const addresses = told ? told.dataset : {};
  const texts = told ? JSON.parse(told.dataset.texts) : {};
  const token = document.querySelector('meta[name="csrf-token"]');

  /** Returns the text called `name` in the language of the page, with what stands for `%s`. */
  function text(name, value = "") {
    return (texts[name] || name).replace("%s", value);
  }

  // Words of CKEditor's own that the desk says otherwise.
  const mended = Object.fromEntries(Object.entries(texts)
    .filter(([name]) => name.startsWith("ck:"))
    .map(([name, said]) => [name.slice(3), said]));

  /** Returns an element; `attributes` may hold `text` for what stands in it. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") {
        made.textContent = value;
      } else {
        made.setAttribute(name, value);
      }
    }
    made.append(...children);
    return made;
  }

  /**
   * Opens a dialog over the page and returns what it was closed with: null when it was left.
   * `fill(body, close)` puts in what it holds and returns the function that is called when its
   * first button is pressed; without such a function there is only the button that leaves it.
   */
  function dialog(title, confirm, fill) {
    return new Promise((resolve) => {
      const body = element("div", { class: "editor-dialog-body" });
      const heading = element("h2", { id: "editor-dialog-title", text: title });
      const leave = element("button", { type: "button", text: text("cancel") });
      const buttons = element("div", { class: "editor-dialog-buttons" }, leave);
      const form = element("form", { novalidate: "" }, heading, body, buttons);
      const frame = element("dialog", { class: "editor-dialog", "aria-labelledby": heading.id }, form);
      let answer = null;
      const close = (value) => { answer = value; frame.close(); };
      const pressed = fill(body, close);
      if (pressed) {
        buttons.prepend(element("button", { type: "submit", class: "first", text: confirm }));
      }
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (pressed) {
          pressed();
        }
      });
      leave.addEventListener("click", () => frame.close());
      frame.addEventListener("close", () => {
        frame.remove();
        resolve(answer);
      });
      document.body.append(frame);
      frame.showModal();
    });
  }

  /** Milliseconds between what is typed and the search for it. */
  const PAUSE = 250;

  /**
   * Opens a dialog that searches while one types and returns what was chosen; null for nothing.
   * `find(words)` returns the finds, `show(one)` what stands on the button of each.
   */
  function choose(title, label, find, show) {
    return dialog(title, "", (body, close) => {
      const field = element("input", { type: "search", id: "editor-words", autocomplete: "off", "aria-controls": "editor-found" });
      const status = element("p", { class: "help", role: "status" });
      const list = element("ul", { class: "editor-found", id: "editor-found" });
      body.append(element("label", { for: field.id, text: label }), field, status, list);
      let turn = 0;
      let waiting = 0;

      const look = async () => {
        clearTimeout(waiting);
        const own = ++turn;
        status.textContent = text("searching");
        const finds = await find(field.value.trim()).catch(() => null);
        if (own !== turn) {
          return;
        }
        const told = finds === null ? "searchFailed" : finds.length ? "searchFound" : "searchNone";
        status.textContent = text(told, finds ? String(finds.length) : "");
        list.replaceChildren(...(finds || []).map((one) => {
          const button = element("button", { type: "button" }, ...show(one));
          button.addEventListener("click", () => close(one));
          return element("li", {}, button);
        }));
      };

      field.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(look, PAUSE);
      });
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          look();
        }
      });
      look();
      return null;
    });
  }

  /** Returns what the desk answers, as JSON; throws on anything else. */
  async function ask(place, parameters) {
    const address = new URL(place, window.location.href);
    for (const [name, value] of Object.entries(parameters)) {
      address.searchParams.set(name, value);
    }
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    return answer.json();
  }

  const notes = new WeakMap();

  /** Tells the person at the editor what went wrong, until the text changes again. */
  function tell(editor, message) {
    const known = notes.get(editor) || element("p", { class: "notice problem editor-note", role: "alert" });
    notes.set(editor, known);
    known.textContent = message;
    known.dataset.told = String(Date.now());
    editor.ui.view.element.after(known);
  }

  /** Takes the note away; one that was told just now belongs to the change that is being made. */
  function hush(editor) {
    const note = notes.get(editor);
    if (note && Date.now() - Number(note.dataset.told) > 2000) {
      note.remove();
    }
  }

  /** Leads back from a dialog to where the caret was: the browser would put it at the start. */
  function goBack(editor, places) {
    editor.editing.view.focus();
    editor.model.change((writer) => writer.setSelection(places));
  }

  return { addresses, ask, choose, dialog, element, goBack, hush, mended, plugins: [], tell, text, token: token ? token.content : "" };
})();
