// Finding the entry that takes the place of another; without this script its address is typed.
"use strict";

(() => {
  // Milliseconds between what is typed and the search for it.
  const PAUSE = 300;

  for (const place of document.querySelectorAll("[data-entry-search]")) {
    const field = place.querySelector("input");
    const status = place.querySelector("[data-search-status]");
    const finds = place.querySelector("[data-search-finds]");
    const { entrySearch, found, none, failed, chosen } = place.dataset;
    let turn = 0;
    let waiting = 0;

    place.querySelector("[data-without-script]").hidden = true;
    place.querySelector("[data-with-script]").hidden = false;

    // Whatever search is on its way, its answer comes too late.
    const forget = () => {
      turn += 1;
      clearTimeout(waiting);
    };

    const clear = (said) => {
      status.textContent = said;
      finds.replaceChildren();
      finds.hidden = true;
    };

    const choose = (item) => {
      field.value = item.path;
      clear(chosen.replace("{title}", item.title));
      field.focus();
    };

    const offer = (item) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      const about = document.createElement("span");
      button.type = "button";
      button.textContent = item.title;
      about.className = "help";
      about.textContent = [item.type, item.summary].filter(Boolean).join(" \u00b7 ");
      button.append(about);
      button.addEventListener("click", () => choose(item));
      line.append(button);
      return line;
    };

    const look = async () => {
      forget();
      const own = turn;
      const words = field.value.trim();
      // An address is what is wanted already.
      if (words.length < 2 || /^(?:https?:\/\/|\/)/.test(words)) {
        clear("");
        return;
      }
      const address = new URL(entrySearch, window.location.href);
      address.searchParams.set("q", words);
      let items = null;
      try {
        const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } });
        items = answer.ok ? (await answer.json()).items : null;
      } catch (error) {
        items = null;
      }
      if (own !== turn) {
        return;
      }
      if (!items || !items.length) {
        clear(items ? none : failed);
        return;
      }
      finds.replaceChildren(...items.map(offer));
      finds.hidden = false;
      status.textContent = found.replace("{n}", String(items.length));
    };

    field.addEventListener("input", () => {
      forget();
      waiting = setTimeout(look, PAUSE);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !/^(?:\d+$|https?:\/\/|\/)/.test(field.value.trim())) {
        event.preventDefault();
        look();
      }
    });
    place.addEventListener("keydown", (event) => {
      const buttons = [...finds.querySelectorAll("button")];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (finds.hidden || !buttons.length || !step) {
        return;
      }
      event.preventDefault();
      // A search still on its way must not take away what somebody is choosing from.
      forget();
      // Above the first find stands the field itself.
      const wanted = buttons.indexOf(document.activeElement) + step;
      (wanted < 0 ? field : buttons[Math.min(wanted, buttons.length - 1)]).focus();
    });
  }
})();
