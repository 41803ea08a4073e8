// A text is put where the cursor is; "/" at the start of a line opens the list.
for (const box of document.querySelectorAll("[data-insert]")) {
  const text = document.getElementById(box.dataset.insert);
  const find = box.querySelector("[data-suggest]");
  const input = find.querySelector("input");
  let slash = -1; // where the one was typed that opened the list
  find.querySelector("[name=find]").remove();
  for (const rest of box.querySelectorAll("ul:not([role]), .hint")) rest.remove();
  const back = () => {
    slash = -1;
    input.value = "";
    box.open = false;
    text.focus();
  };
  find.addEventListener("take", (e) => {
    e.preventDefault();
    const from = slash >= 0 ? slash : text.selectionStart;
    text.setRangeText(e.detail.dataset.text, from, slash >= 0 ? slash + 1 : text.selectionEnd, "end");
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
    if (e.data !== "/" || e.isComposing || at > 0 && text.value[at - 1] !== "\n") return;
    slash = at;
    box.open = true;
    input.focus();
  });
}
