// Comfort for the desk; every page works without it.
"use strict";

(() => {
  // On a narrow screen the doors are a strip: show the one that is open.
  const door = document.querySelector(".doors [aria-current]");
  const strip = door && door.closest("ul");
  if (strip && strip.scrollWidth > strip.clientWidth) {
    strip.scrollLeft = door.offsetLeft - strip.offsetLeft;
  }

  // What is folded on a phone is open where there is room.
  if (window.matchMedia("(min-width: 40.01rem)").matches) {
    for (const fold of document.querySelectorAll("[data-open-wide]")) {
      fold.open = true;
    }
  }

  // Copying by a button, where the browser can; the field next to it is there to be marked.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    const told = button.parentElement.querySelector("[role=status]");
    button.hidden = !navigator.clipboard;
    field.addEventListener("focus", () => field.select());
    button.addEventListener("click", async () => {
      field.select();
      const copied = await navigator.clipboard.writeText(field.value).then(() => true, () => false);
      told.textContent = copied ? button.dataset.copied : button.dataset.notCopied;
    });
  }

  // While somebody types, the session does not end.
  const page = document.querySelector("[data-still-here]");
  const pause = 5 * 60 * 1000;
  let told = Date.now();
  if (page) {
    document.addEventListener("input", () => {
      if (Date.now() - told > pause) {
        told = Date.now();
        fetch(page.dataset.stillHere, { credentials: "same-origin", cache: "no-store" }).catch(() => {});
      }
    });
  }

  // More rows of a table without a round trip.
  for (const table of document.querySelectorAll("[data-rows]")) {
    const name = table.dataset.rows;
    const count = table.querySelector(`input[name="${name}-rows"]`);
    const body = table.querySelector("tbody");
    const more = table.querySelector(`button[name="${name}-more"]`);
    more.addEventListener("click", (event) => {
      const next = Number(count.value);
      if (next >= Number(table.dataset.limit) || !body.lastElementChild) {
        return;
      }
      event.preventDefault();
      body.append(blankRow(body.lastElementChild, name, next));
      count.value = String(next + 1);
      body.lastElementChild.querySelector("input, select, textarea").focus();
    });
  }

  function blankRow(model, name, index) {
    const row = model.cloneNode(true);
    const old = `${name}-${index - 1}-`;
    row.querySelector("th").textContent = String(index + 1);
    for (const element of row.querySelectorAll("[id], [name], [for]")) {
      for (const attribute of ["id", "name", "for"]) {
        const value = element.getAttribute(attribute);
        if (value !== null && value.startsWith(old)) {
          element.setAttribute(attribute, `${name}-${index}-${value.slice(old.length)}`);
        }
      }
    }
    for (const field of row.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), textarea")) {
      field.value = "";
    }
    for (const field of row.querySelectorAll("select")) {
      field.selectedIndex = 0;
    }
    for (const box of row.querySelectorAll("input[type=checkbox]")) {
      box.checked = false;
    }
    for (const error of row.querySelectorAll(".error")) {
      error.remove();
    }
    for (const field of row.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    return row;
  }
})();
