// Comfort for lists and batches; every page works without it.
"use strict";

(() => {
  // Tick the whole page, and say how many are ticked.
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const wholes = [...form.querySelectorAll("[data-tick-all]")];
    const boxes = [...form.querySelectorAll("input[name=chon]")];
    const everything = form.querySelector("input[name=tat-ca]");
    const told = form.querySelector("[data-ticked]");
    const bar = form.querySelector(".bulk-bar");
    if (!wholes.length || !told) {
      continue;
    }
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      const whole = Boolean(everything && everything.checked);
      for (const all of wholes) {
        all.checked = ticked === boxes.length;
        all.indeterminate = ticked > 0 && ticked < boxes.length;
      }
      told.textContent = ticked && !whole ? told.dataset.ticked.replace("{n}", String(ticked)) : "";
      bar.classList.toggle("held", ticked > 0 || whole);
    };
    for (const all of wholes) {
      all.hidden = false;
      all.addEventListener("change", () => {
        for (const box of boxes) {
          box.checked = all.checked;
        }
      });
    }
    form.querySelector("[data-tick-page]").hidden = false;
    form.addEventListener("change", show);
    show();
  }

  // How far a batch is; the page is read again at its end.
  const running = document.querySelector("[data-progress]");
  if (running) {
    const bar = running.querySelector("progress");
    const told = running.querySelector("[data-done]");
    let pause = 1000;
    const look = async () => {
      try {
        const answer = await fetch(running.dataset.progress, { credentials: "same-origin", cache: "no-store" });
        if (answer.ok) {
          const found = await answer.json();
          if (!found.running) {
            window.location.reload();
            return;
          }
          bar.max = found.total;
          bar.value = found.done;
          told.textContent = told.textContent.replace(/^\d+/, String(found.done));
        }
      } catch {
        pause = 5000;
      }
      pause = Math.min(pause * 1.3, 5000);
      window.setTimeout(look, pause);
    };
    window.setTimeout(look, pause);
  }

  // A folder instead of single files, where the browser can.
  for (const choice of document.querySelectorAll("[data-folder]")) {
    const files = choice.parentElement.querySelector("input[type=file]");
    const box = choice.querySelector("input");
    if (files && "webkitdirectory" in files) {
      choice.hidden = false;
      box.addEventListener("change", () => {
        files.webkitdirectory = box.checked;
        files.value = "";
      });
    }
  }
})();
