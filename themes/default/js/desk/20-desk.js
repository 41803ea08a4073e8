{
  // The parts of an answer behave as tabs: going from one to another neither
  // scrolls nor loses what was typed.
  for (const answer of document.querySelectorAll("[data-parts]")) {
    const parts = [...answer.querySelectorAll(".part")];
    const links = [...answer.querySelectorAll(".tabs a")];
    const open = (part) => {
      if (!part) return;
      answer.dataset.on = "";
      for (const p of parts) p.classList.toggle("on", p === part);
      for (const a of links) {
        const on = a.hash === "#" + part.id;
        a.classList.toggle("on", on);
        if (on) a.setAttribute("aria-current", "true");
        else a.removeAttribute("aria-current");
      }
    };
    const asked = () => location.hash.length > 1 && document.getElementById(location.hash.slice(1))?.closest(".part");
    open(asked() || answer.querySelector(".part.on"));
    addEventListener("hashchange", () => open(asked()));
    for (const a of links) {
      a.addEventListener("click", (e) => {
        e.preventDefault();
        const part = answer.querySelector(a.hash);
        open(part);
        part.querySelector("textarea, select, input:not([type=hidden])")?.focus({ preventScroll: true });
      });
    }

    // A draft stays in this tab until it is sent, whatever else is sent before.
    const drafts = "desk:" + answer.dataset.ticket + ":";
    for (const form of answer.querySelectorAll("form")) {
      for (const field of form.querySelectorAll("textarea, input[type=text]")) {
        const kept = sessionStorage.getItem(drafts + field.name);
        if (kept !== null && field.value === field.defaultValue && kept !== field.value && !document.querySelector("[data-focus]")) field.value = kept;
        field.addEventListener("input", () => sessionStorage.setItem(drafts + field.name, field.value));
      }
      form.addEventListener("submit", (e) => {
        if (e.submitter?.formNoValidate) return;
        for (const field of form.elements) if (field.name) sessionStorage.removeItem(drafts + field.name);
      });
    }

    // Articles are found while their words are typed.
    const words = answer.querySelector("#solve-words");
    const near = answer.querySelector("[data-near]");
    let wait, running;
    words?.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(async () => {
        running?.abort();
        running = new AbortController();
        const chosen = answer.querySelector("[name=solve-article]:checked")?.value ?? "";
        const query = new URLSearchParams({ q: words.value, number: answer.dataset.ticket, chosen, lang: document.documentElement.lang });
        try {
          const found = await fetch("/desk/articles?" + query, { headers: { "X-Fragment": "1" }, signal: running.signal });
          if (found.ok && !found.redirected) near.innerHTML = await found.text();
        } catch (e) {
          if (e.name !== "AbortError") throw e;
        }
      }, 200);
    });
  }

  // What is typed in another field says that its choice is meant.
  for (const [field, choice] of [["solve-key", "solve-other"], ["solve-reason", "solve-none"]]) {
    document.getElementById(field)?.addEventListener("input", (e) => {
      if (e.target.value) document.getElementById(choice).checked = true;
    });
  }

  // A password can be looked at while it is typed.
  for (const field of document.querySelectorAll("input[type=password][autocomplete=new-password]")) {
    const words = field.closest("form").dataset.show;
    if (!words) continue;
    const label = document.createElement("label");
    label.className = "choice show-password";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => { field.type = box.checked ? "text" : "password"; });
    label.append(box, " " + words);
    field.after(label);
  }

  // The one-time link is selected by a click on it.
  for (const field of document.querySelectorAll("input.copy")) field.addEventListener("focus", () => field.select());
}
