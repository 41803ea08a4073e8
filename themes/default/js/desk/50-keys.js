// The desk by keyboard. Single keys are off until somebody turns them on, and then
// work only while the focus is on the list: of requests, or of what was said in one.
{
  const box = document.querySelector("[data-keys]");
  const answer = document.querySelector("[data-parts]");
  const talk = document.querySelector(".talk");
  const list = document.querySelector("table.tickets");
  const on = () => localStorage.getItem("keys") === "on";

  // Ctrl-Enter sends what is being written.
  answer?.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || !e.target.form) return;
    e.preventDefault();
    e.target.form.requestSubmit(e.target.form.querySelector(":scope > .button"));
  });

  if (box) {
    const open = document.querySelector("[data-keys-open]");
    open.hidden = false;
    open.addEventListener("click", () => box.showModal());
    const choice = box.querySelector("input");
    choice.checked = on();
    choice.addEventListener("change", () => {
      if (choice.checked) localStorage.setItem("keys", "on");
      else localStorage.removeItem("keys");
    });

    const rows = list ? [...list.querySelectorAll("th[scope=row] a")] : [];
    if (list) {
      sessionStorage.setItem("list", location.pathname + location.search);
      sessionStorage.setItem("listed", JSON.stringify(rows.map((a) => a.pathname)));
    }
    const here = list ?? talk;
    if (talk) talk.tabIndex = -1;
    const begin = () => (rows[0] ?? talk)?.focus({ preventScroll: !list });
    // An address that leads to a part of the page takes the focus away when it is loaded.
    addEventListener("load", () => setTimeout(() => {
      if (on() && !document.querySelector("[data-focus]") && document.activeElement === document.body) begin();
    }));
    box.addEventListener("close", () => { if (on()) begin(); });

    const go = (by) => {
      if (list) {
        const at = rows.indexOf(document.activeElement.closest("tr")?.querySelector("th[scope=row] a"));
        rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
        return;
      }
      const listed = JSON.parse(sessionStorage.getItem("listed") ?? "[]");
      const at = listed.indexOf(location.pathname);
      location.href = at >= 0 && listed[at + by] || sessionStorage.getItem("list") || "/desk";
    };
    const part = (name) => document.querySelector(`.tabs a[href="#${name}"]`)?.click();
    const keys = {
      j: () => go(1),
      k: () => go(-1),
      o: () => document.activeElement.closest("tr")?.querySelector("th[scope=row] a").click(),
      r: () => part("reply"),
      n: () => part("note"),
      e: () => part("handoff"),
      s: () => part("solve"),
      a: () => document.querySelector("form[action$='/take'] button")?.click(),
      "?": () => box.showModal(),
    };
    let g = false; // the key before was g
    document.addEventListener("keydown", (e) => {
      const typing = e.target.closest("input, textarea, select, dialog");
      if (!on() || typing || !here?.contains(e.target) || e.ctrlKey || e.metaKey || e.altKey) return;
      const key = g && e.key === "q" ? () => { location.href = sessionStorage.getItem("list") || "/desk"; } : keys[e.key];
      g = e.key === "g";
      if (!key) return;
      e.preventDefault();
      key();
    });
  }
}
