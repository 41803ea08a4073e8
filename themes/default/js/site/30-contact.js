// The contact form and the page of a request: drafts are kept in the browser,
// answers are offered while somebody types, and a link can be copied. All of it
// works without this file, in more steps.
{
  const day = 24 * 60 * 60 * 1000;
  const get = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const put = (key, value) => { try { value ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key); } catch { /* full, or refused */ } };

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = "draft:" + (form.dataset.draft || "ask");
    const fields = [...form.querySelectorAll("input[id]:not([type=file]), textarea[id]")];
    const initial = new Map(fields.map((f) => [f.name, f.value]));
    const draft = get(key);
    const note = form.querySelector("[data-restored]");
    // What the server sent back is newer than what was kept.
    if (draft && Date.now() - draft.at < day && !("typed" in form.dataset) && !form.elements.text.value) {
      for (const f of fields) if (draft.fields[f.name]) f.value = draft.fields[f.name];
      if (note && draft.fields.text) note.hidden = false;
    }
    note?.querySelector("[data-forget]").addEventListener("click", () => {
      for (const f of fields) f.value = initial.get(f.name);
      put(key, null);
      note.hidden = true;
      fields[0].focus();
    });
    let timer;
    const keep = () => {
      clearTimeout(timer);
      const values = Object.fromEntries(fields.map((f) => [f.name, f.value]));
      put(key, Object.values(values).some(Boolean) ? { at: Date.now(), fields: values } : null);
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
    addEventListener("pagehide", keep);
    if (form.dataset.draft) form.addEventListener("submit", () => { removeEventListener("pagehide", keep); clearTimeout(timer); put(key, null); });
    if (form.dataset.offer) offer(form);
  }
  for (const f of document.querySelectorAll("[data-zone]")) f.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? f.value;
  if (document.querySelector("[data-sent], [data-solved]")) put("draft:ask", null);

  // Answers beside the form: one request at a time, a while after the last key,
  // announced politely and never given the focus.
  function offer(form) {
    const box = form.querySelector("[data-offers]"), list = box.querySelector("[data-list]"), say = box.querySelector("[data-say]");
    const { subject, text, offered } = form.elements;
    let timer, asked = "", under, seen, read;
    const ask = async () => {
      const words = (subject.value + "\n" + text.value).trim();
      if (words === asked || words.length < 4) return;
      asked = words;
      under?.abort();
      under = new AbortController();
      let html = "";
      try {
        const had = list.firstElementChild?.dataset.id ?? "";
        const answer = await fetch(form.dataset.offer, {
          method: "POST", signal: under.signal, headers: { "X-Fragment": "offers" },
          body: new URLSearchParams({ subject: subject.value, text: text.value, had }),
        });
        if (!answer.ok) return;
        html = answer.status === 204 ? "" : await answer.text();
      } catch { return; }
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      const section = fresh.content.firstElementChild;
      const old = list.firstElementChild;
      if (section && old && section.dataset.id === old.dataset.id) return;
      if (old?.contains(document.activeElement)) return; // it is being read
      // Below the text it would push away the field that somebody went on to.
      const beside = matchMedia("(min-width: 64rem)").matches;
      if (!beside && document.activeElement !== subject && document.activeElement !== text) return;
      if (!beside) section?.querySelectorAll("details").forEach((d) => { d.open = false; });
      list.replaceChildren(...(section ? [section] : []));
      offered.value = "";
      clearTimeout(seen);
      clearTimeout(read);
      if (!section) { say.textContent = ""; return; }
      read = setTimeout(() => { say.textContent = section.dataset.say; }, 1000);
      seen = setTimeout(() => { if (!document.hidden && section.isConnected) offered.value = section.dataset.id; }, 5000);
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, 600); };
    subject.addEventListener("input", later);
    text.addEventListener("input", later);
    list.addEventListener("click", (e) => {
      const details = e.target.closest("li")?.querySelector("details");
      if (e.target.closest("summary") ? !details.open : details && e.target.closest("a")) tell(details);
    });
    const tell = (d) => navigator.sendBeacon?.(form.dataset.opened, new URLSearchParams({ article: d.dataset.article, rank: d.dataset.rank }));
    if (subject.value || text.value) later();
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      try { await navigator.clipboard.writeText(field.value); } catch { field.select(); return; }
      document.querySelector("[data-copy-said]").textContent = button.dataset.copied;
    });
  }
}
