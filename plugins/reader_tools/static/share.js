// Copying the link and the sharing of the device: shown where the browser can do it.
"use strict";

for (const box of document.querySelectorAll(".share details")) {
  const native = box.querySelector("[data-share]");
  if (native && typeof navigator.share === "function") {
    native.parentElement.hidden = false;
    native.addEventListener("click", () => {
      // Whoever changes their mind rejects the promise; that is no error.
      navigator.share({ title: native.dataset.title, url: native.dataset.share }).catch(() => {});
    });
  }
  const copy = box.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    const label = copy.textContent;
    copy.parentElement.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(copy.dataset.copy);
      copy.textContent = copy.dataset.done;
      copy.nextElementSibling.textContent = copy.dataset.done;
      setTimeout(() => { copy.textContent = label; }, 4000);
    });
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.open) {
      box.open = false;
      box.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) box.open = false;
  });
}
