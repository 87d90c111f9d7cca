// Ticks all places at once, or none of them.
for (const form of document.querySelectorAll("[data-ticking]")) {
  for (const button of form.querySelectorAll("[data-tick]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const box of form.querySelectorAll(`input[name="${form.dataset.ticking}"]`)) {
        box.checked = button.dataset.tick === "all";
      }
    });
  }
}
