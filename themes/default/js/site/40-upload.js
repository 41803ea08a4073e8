// Files are sent as soon as they are chosen, piece by piece: after a lost line they go
// on where they stopped, and after a reload when the same file is chosen again. Without
// this file, or without a secure line, they go along with their form.
for (const input of document.querySelectorAll("input[data-upload]")) {
  const { form, dataset: words } = input, mega = 1024 * 1024, piece = Number(words.piece);
  const add = (tag, props, ...inside) => { const e = Object.assign(document.createElement(tag), props); e.append(...inside); return e; };
  const told = add("p", { className: "hidden" }), status = add("p", { className: "hidden" }), list = add("ul", { className: "files bare" });
  told.setAttribute("role", "alert");
  status.setAttribute("role", "status");
  input.before(told, status, list);
  const say = (text, name, n) => text.replace("%n", () => name).replace("%m", n);
  const tell = (text) => { told.textContent = text; told.className = text ? "problem" : "hidden"; };
  const whole = input.accept, queue = [];
  let working = 0, submitter;

  // Telephones offer their camera at once. A computer may have pictures as telephones keep them.
  if (!matchMedia("(pointer: coarse)").matches) input.accept += ",.heic,.heif";
  else {
    const row = add("p", { className: "row" });
    for (const kind of ["image", "video"]) {
      const button = add("button", { type: "button", className: "button quiet", textContent: words[kind] });
      button.addEventListener("click", () => { input.accept = kind + "/*"; input.capture = "environment"; input.click(); });
      row.append(button);
    }
    input.before(row);
    input.addEventListener("click", (e) => { if (e.isTrusted) { input.accept = whole; input.removeAttribute("capture"); } });
  }

  input.addEventListener("change", () => {
    const most = (f) => Number(f.type.startsWith("video/") ? words.videos : words.documents);
    const files = [...input.files], sends = globalThis.crypto?.subtle;
    const large = files.find((f) => f.size > most(f) * mega);
    const many = files.length + working + form.querySelectorAll(`[name="${words.upload}"]`).length > words.files;
    const much = !sends && files.reduce((sum, f) => sum + f.size, 0) > words.together * mega;
    tell(large ? say(words.large, large.name, most(large)) : many ? words.many : much ? words.much : "");
    if (told.textContent || sends) input.value = "";
    if (sends && !told.textContent) files.forEach(take);
  });

  function take(file) {
    const bar = add("progress", { max: 100, value: 0 }), share = add("span", { className: "meta" });
    const off = add("button", { type: "button", className: "button link" }, words.cancel, add("span", { className: "hidden", textContent: " " + file.name }));
    const item = add("li", {}, add("span", { dir: "auto", textContent: file.name }), bar, share, off);
    const stop = new AbortController();
    bar.setAttribute("aria-label", file.name);
    off.addEventListener("click", () => { stop.abort(); item.remove(); status.textContent = say(words.cancelled, file.name); input.focus(); });
    list.append(item);
    working++;
    queue.push(async () => {
      try {
        if (!stop.signal.aborted) await send(file, stop.signal, bar, share, item);
      } catch (e) {
        if (!stop.signal.aborted) { item.remove(); tell(e.message); submitter = null; }
      }
      working--;
      queue.shift();
      if (queue.length) queue[0]();
      else if (submitter !== undefined) { const by = submitter; submitter = undefined; if (by) form.requestSubmit(by); }
    });
    if (queue.length === 1) queue[0]();
  }

  // ask asks until there is an answer that does not say to try again.
  async function ask(path, options, signal, share) {
    for (let wait = 1; ; wait = Math.min(2 * wait, 30)) {
      try {
        const answer = await fetch(path, { ...options, signal, headers: { ...options.headers, "Accept-Language": document.documentElement.lang } });
        if (answer.status < 500 && !answer.headers.has("Retry-After")) return answer;
      } catch (e) {
        if (signal.aborted) throw e;
      }
      if (share.textContent !== words.lost) share.textContent = status.textContent = words.lost;
      await new Promise((on) => { const go = () => { clearTimeout(timer); removeEventListener("online", go); on(); }, timer = setTimeout(go, wait * 1000); addEventListener("online", go); });
      if (signal.aborted) throw new Error();
    }
  }

  async function send(file, signal, bar, share, item) {
    const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    const part = (i) => file.slice(i * piece, (i + 1) * piece).arrayBuffer();
    const pieces = Math.ceil(file.size / piece), sums = new Uint8Array(32 * pieces);
    for (let tries = 0; ; tries++) {
      const begun = await ask("/uploads", { method: "POST", body: new URLSearchParams({ name: file.name, size: file.size, print: hex(await digest(await part(0))) }) }, signal, share);
      if (!begun.ok) throw new Error(await begun.text());
      const path = begun.headers.get("Location");
      signal.addEventListener("abort", () => fetch(path, { method: "DELETE" }).catch(() => {}));
      let at = Number(begun.headers.get("Upload-Offset")), half = at > 0 ? 0 : 50, gone = false;
      for (let i = 0; i < pieces && !gone; i++) {
        const bytes = await part(i);
        sums.set(await digest(bytes), 32 * i);
        while (at < Math.min(file.size, (i + 1) * piece) && !gone) {
          const answer = await ask(path, { method: "PATCH", headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": at }, body: bytes.slice(at - i * piece) }, signal, share);
          if (answer.status === 404) gone = true;
          else if (!answer.ok && answer.status !== 409) throw new Error(await answer.text());
          else at = answer.ok ? Math.min(file.size, (i + 1) * piece) : Number(answer.headers.get("Upload-Offset"));
          if (answer.status === 409 && at < i * piece) i = Math.floor(at / piece) - 1;
        }
        const percent = bar.value = Math.floor(100 * Math.min(1, at / file.size));
        share.textContent = percent + " %";
        if (percent >= half && percent < 100) { status.textContent = say(words.at, file.name, percent); half = percent + 25; }
      }
      if (!gone) {
        share.textContent = words.checking;
        const answer = await ask(path, { method: "POST", body: new URLSearchParams({ key: form.elements.key.value, field: words.upload, sum: hex(await digest(sums)) }) }, signal, share);
        if (answer.ok) {
          const fresh = add("template", { innerHTML: await answer.text() });
          item.replaceWith(fresh.content);
          status.textContent = say(words.done, file.name);
          return;
        }
        if (answer.status !== 404) throw new Error(await answer.text());
      }
      if (tries) throw new Error(say(words.broken, file.name));
    }
  }

  list.addEventListener("click", (e) => {
    if (!e.target.closest("[data-drop]")) return;
    e.target.closest("li").remove();
    input.focus();
  });
  // A form waits for its files, and is sent by itself when they are here.
  form.addEventListener("submit", (e) => {
    if (!working) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    submitter = e.submitter;
    tell(words.wait);
  }, { capture: true });
}
