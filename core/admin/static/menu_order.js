// After a heading of the menu was moved: back to its button, and say where it stands now.
"use strict";

(() => {
  const told = document.querySelector("[data-moved]");
  const button = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (button instanceof HTMLButtonElement) {
    button.focus();
  }
  // What a live region holds when the page opens is not read out: it has to change.
  const words = told.textContent;
  if (words) {
    told.textContent = "";
    window.setTimeout(() => {
      told.textContent = words;
    }, 300);
  }
})();
