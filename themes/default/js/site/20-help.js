{
  const make = (tag, props, ...children) => {
    const el = Object.assign(document.createElement(tag), props);
    el.append(...children);
    return el;
  };
  // Storage may be refused; then nothing is remembered.
  const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (key, value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { } };
  const searches = () => { try { return JSON.parse(stored("searches")) ?? []; } catch { return []; } };
  const remember = (q) => { if (q = q.trim()) store("searches", JSON.stringify([q, ...searches().filter((s) => s !== q)].slice(0, 5))); };
  const enough = (q) => q.length > 2 || /^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}$/.test(q);
  const tell = (path, what) => navigator.sendBeacon(path, new URLSearchParams(what));

  // One polite region; it speaks when there was quiet for half a second.
  const voice = (host) => {
    const region = make("p", { className: "hidden", role: "status" });
    host.append(region);
    let timer;
    return (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => region.textContent = text, 500);
    };
  };

  // A search field with a list of suggestions: the focus stays in the field. Whoever
  // has another use for what is taken cancels "take".
  const combobox = (form) => {
    const input = form.querySelector("input[type=search]");
    const list = make("ul", { id: input.id + "-list", role: "listbox", ariaLabel: form.dataset.list, tabIndex: -1 });
    const clear = make("button", { type: "button", className: "button link", textContent: form.dataset.clear, hidden: true });
    const pop = make("div", { className: "find-pop", hidden: true }, list, clear);
    input.after(pop);
    const say = voice(form);
    const known = new Map();
    let options = [], active = -1, timer, asked;
    input.role = "combobox";
    input.ariaAutoComplete = "list";
    input.setAttribute("aria-controls", list.id);
    const point = (i) => {
      options[active]?.setAttribute("aria-selected", "false");
      active = i;
      const option = options[i];
      if (!option) return input.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    };
    const open = (yes) => {
      yes &&= options.length > 0;
      pop.hidden = !yes;
      input.ariaExpanded = String(yes);
      if (!yes) point(-1);
    };
    const show = (recent) => {
      point(-1);
      options = [...list.children];
      options.forEach((option, i) => {
        option.id = list.id + i;
        option.setAttribute("aria-selected", "false");
      });
      clear.hidden = !recent;
      open(true);
    };
    const recent = () => {
      const to = (q) => form.action + "?q=" + encodeURIComponent(q);
      list.replaceChildren(...searches().map((q) => {
        const option = make("li", { role: "option", textContent: q, dir: "auto" });
        option.dataset.to = to(q);
        return option;
      }));
      list.ariaLabel = form.dataset.recent;
      show(true);
    };
    const suggest = (html) => {
      list.innerHTML = html;
      list.ariaLabel = form.dataset.list;
      show();
      say(options.at(-1)?.dataset.say ?? "");
    };
    const ask = async (q) => {
      asked = new AbortController();
      try {
        const answer = await fetch(`${form.dataset.suggest}?lang=${document.documentElement.lang}&q=${encodeURIComponent(q)}`, { signal: asked.signal });
        if (answer.status !== 200) return open(false);
        known.set(q, await answer.text());
        if (q === input.value) suggest(known.get(q));
      } catch { } // aborted, or offline: the form still works
    };
    const typed = () => {
      clearTimeout(timer);
      asked?.abort();
      const q = input.value;
      if (known.has(q)) suggest(known.get(q));
      else if (enough(q.trim())) timer = setTimeout(ask, 150, q);
      else if (q) open(false);
      else if (form.dataset.recent) recent();
      else ask(q);
    };
    const take = (option) => {
      if (!form.dispatchEvent(new CustomEvent("take", { detail: option, cancelable: true }))) return open(false);
      const all = option.classList.contains("all"), { to, article, lang } = option.dataset;
      if (all) remember(input.value);
      if (article) tell("/journey/choice", { q: input.value, key: article, lang, rank: options.indexOf(option) + 1, hits: options.length - 1 });
      location.href = to;
    };
    open(false);
    input.addEventListener("input", typed);
    input.addEventListener("focus", () => { if (!input.value) typed(); });
    input.addEventListener("keydown", (e) => {
      if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
      const shown = !pop.hidden;
      switch (e.key) {
        case "ArrowDown":
        case "ArrowUp": {
          e.preventDefault();
          if (!shown) options.length ? open(true) : typed();
          const n = options.length, down = e.key === "ArrowDown";
          if (n) point(active < 0 ? (down ? 0 : n - 1) : (active + (down ? 1 : n - 1)) % n);
          break;
        }
        case "Enter":
          if (!shown || active < 0) return;
          e.preventDefault();
          take(options[active]);
          break;
        case "Escape":
          if (shown) open(false);
          else if (input.value && !form.closest("dialog")) {
            input.value = "";
            options = [];
          } else return;
          clearTimeout(timer);
          asked?.abort();
          e.preventDefault();
          break;
        case "Home":
        case "End":
          point(-1);
      }
    });
    list.addEventListener("pointerdown", (e) => e.preventDefault());
    list.addEventListener("click", (e) => {
      const option = e.target.closest("[role=option]");
      if (option) take(option);
    });
    clear.addEventListener("click", () => {
      store("searches", null);
      options = [];
      list.replaceChildren();
      input.focus();
      open(false);
    });
    form.addEventListener("focusout", (e) => { if (!pop.contains(e.relatedTarget) && e.relatedTarget !== input) open(false); });
    form.addEventListener("submit", (e) => {
      if (active >= 0) e.preventDefault(); // an option was taken instead
      else remember(input.value);
    });
  };
  document.querySelectorAll("[data-suggest]").forEach(combobox);

  // The same field on any page: Ctrl-K, Cmd-K or "/".
  const finder = document.querySelector("[data-find]");
  let dialog;
  const slash = () => stored("slash") !== "off";
  const find = () => {
    dialog ??= (async () => {
      const answer = await fetch(finder.href, { headers: { "X-Fragment": "find" } });
      if (!answer.ok) throw answer;
      const box = make("dialog", { className: "find-dialog", innerHTML: await answer.text() });
      box.ariaLabel = box.querySelector("h2").textContent;
      document.body.append(box);
      combobox(box.querySelector("form"));
      box.querySelector("[data-close]").addEventListener("click", () => box.close());
      box.addEventListener("click", (e) => { if (e.target === box) box.close(); });
      const key = box.querySelector("[data-key]");
      key.checked = slash();
      key.addEventListener("change", () => {
        store("slash", key.checked ? null : "off");
        hint();
      });
      return box;
    })();
    dialog.then((box) => {
      if (box.open) return;
      box.showModal(); // gives the focus back by itself
      box.querySelector("input[type=search]").focus();
    }, () => location.href = finder.href);
  };
  const hint = () => finder.querySelector("kbd")?.toggleAttribute("hidden", !slash());
  if (finder) {
    hint();
    finder.addEventListener("click", (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      finder.focus();
      find();
    });
    document.addEventListener("keydown", (e) => {
      const k = (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k";
      const typing = e.target.closest?.("input, textarea, select, [contenteditable]");
      if (!k && (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || typing || !slash())) return;
      e.preventDefault();
      find();
    });
  }

  // An article: links to its parts, and for how long it was read.
  const article = document.querySelector("article[data-key]");
  if (article) {
    const say = voice(article);
    for (const head of article.querySelectorAll(".prose > :is(h2, h3)[id]")) {
      const link = make("a", { className: "anchor no-print", href: "#" + head.id, textContent: "#", ariaLabel: article.dataset.copy + ": " + head.textContent });
      const box = make("div", { className: "head" });
      head.before(box);
      box.append(head, link);
      link.addEventListener("click", async () => {
        await navigator.clipboard?.writeText(link.href);
        say(article.dataset.copied);
      });
    }
    let seen = 0, since = document.hidden ? 0 : performance.now();
    const pause = () => {
      if (!since) return;
      seen += performance.now() - since;
      since = 0;
      if (seen >= 1000) tell("/journey/read", { key: article.dataset.key, lang: article.dataset.lang, seconds: Math.round(seen / 1000) });
    };
    document.addEventListener("visibilitychange", () => document.hidden ? pause() : since = performance.now());
    addEventListener("pagehide", pause);
  }

  // A vote is counted in place.
  document.addEventListener("submit", async (e) => {
    const form = e.target, by = e.submitter;
    if (!form.matches("form[data-vote]")) return;
    e.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, by)), headers: { "X-Fragment": "vote" } });
      if (!answer.ok) throw answer;
      document.getElementById("vote").outerHTML = await answer.text();
      document.getElementById("vote-title").focus();
    } catch {
      delete form.dataset.vote;
      form.requestSubmit(by);
    }
  });
}
