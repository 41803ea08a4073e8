{
  // What was done last can be taken back for some seconds; then the offer ends.
  for (const form of document.querySelectorAll("[data-undo]")) {
    setTimeout(() => { form.hidden = true; }, form.dataset.undo * 1000);
  }
}
