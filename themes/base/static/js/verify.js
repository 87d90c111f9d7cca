// Compares a file of the visitor with what the page lists. The file is read here and sent nowhere.
"use strict";

(() => {
  const block = document.getElementById("compare-file");
  const result = document.getElementById("compare-result");
  const choice = document.getElementById("compare-choose");
  if (!block || !window.crypto || !window.crypto.subtle) return;
  block.hidden = false;

  const hexadecimal = (bytes) =>
    Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

  choice.addEventListener("change", async () => {
    const file = choice.files[0];
    if (!file) return;
    result.textContent = block.dataset.working;
    try {
      const hash = hexadecimal(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const same = document.querySelector(`[data-sha256="${hash}"]`);
      document.getElementById("compare-hash").value = hash;
      result.textContent = same
        ? block.dataset.same.replace("{name}", () => same.dataset.name)
        : block.dataset.different;
    } catch {
      result.textContent = block.dataset.failed;
    }
  });
})();
