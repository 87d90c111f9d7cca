/* Closes what lies open in the header on Escape and on a press elsewhere. */
(() => {
  "use strict";

  const opened = () => document.querySelectorAll(".site-header details[open]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const box of opened()) {
      const within = box.contains(document.activeElement);
      box.open = false;
      if (within) box.querySelector("summary").focus();
    }
  });

  document.addEventListener("pointerdown", (event) => {
    for (const box of opened()) {
      if (!box.contains(event.target)) box.open = false;
    }
  });
})();
