// The editor: what the text will look like, a moment after it is typed.
{
  const form = document.querySelector("form[data-edit]");
  const text = form?.elements.body;
  const results = document.querySelector("[data-results]");
  if (form && text && results) {
    let timer, asked = 0, sending = false;
    const saved = text.value;
    const changed = () => "unsaved" in form.dataset || text.value !== saved;

    const look = async () => {
      const turn = ++asked;
      const data = new URLSearchParams(new FormData(form));
      data.set("do", "preview");
      try {
        const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Fragment": "1" } });
        const html = await answer.text();
        // An answer that a later one has overtaken, or a refusal, is not shown.
        if (answer.ok && turn === asked && !results.contains(document.activeElement)) results.innerHTML = html;
      } catch {
        // No network: the buttons still say so.
      }
    };
    text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, 600);
    });

    document.addEventListener("click", (e) => {
      const link = e.target.closest?.("[data-line]");
      if (!link) return;
      e.preventDefault();
      const lines = text.value.split("\n");
      const line = Math.min(Number(link.dataset.line), lines.length);
      const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      text.focus();
      text.setSelectionRange(from, from + lines[line - 1].length);
      text.scrollTop = (line - 4) * parseFloat(getComputedStyle(text).lineHeight);
    });

    addEventListener("keydown", (e) => {
      if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key === "s") {
        const save = form.querySelector("[value=save]");
        if (save) {
          e.preventDefault();
          form.requestSubmit(save);
        }
      }
    });
    form.addEventListener("submit", () => { sending = true; });
    addEventListener("pageshow", () => { sending = false; });
    addEventListener("beforeunload", (e) => { if (changed() && !sending) e.preventDefault(); });
  }
}
