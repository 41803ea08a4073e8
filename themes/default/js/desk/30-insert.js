// A text, or the name of a colleague, is put where the cursor is. A key opens the list:
// "/" at the start of a line, "@" at the start of a word.
for (const box of document.querySelectorAll("[data-insert]")) {
  const text = document.getElementById(box.dataset.insert);
  const find = box.querySelector("[data-suggest]");
  const input = find.querySelector("input");
  const key = box.dataset.key;
  const before = key === "@" ? /(^|[\s(])$/ : /(^|\n)$/;
  let typed = -1; // where the key was typed that opened the list
  find.querySelector("[name=find]").remove();
  for (const rest of box.querySelectorAll("ul:not([role]), .hint")) rest.remove();
  const back = () => {
    typed = -1;
    input.value = "";
    box.open = false;
    text.focus();
  };
  find.addEventListener("take", (e) => {
    e.preventDefault();
    const from = typed >= 0 ? typed : text.selectionStart;
    text.setRangeText(e.detail.dataset.text, from, typed >= 0 ? typed + 1 : text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    back();
  });
  find.addEventListener("keydown", (e) => {
    if (e.defaultPrevented) return;
    if (e.key === "Enter") e.preventDefault(); // it sends nothing
    if (e.key === "Escape") back();
  });
  box.addEventListener("toggle", () => { if (box.open) input.focus(); });
  text.addEventListener("input", (e) => {
    const at = text.selectionStart - 1;
    if (e.data !== key || e.isComposing || !before.test(text.value.slice(0, at))) return;
    typed = at;
    box.open = true;
    input.focus();
  });
}
