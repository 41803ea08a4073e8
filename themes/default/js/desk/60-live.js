{
  // What was done last can be taken back for some seconds; then the offer ends.
  const undo = (part) => {
    for (const form of part.querySelectorAll("[data-undo]")) {
      setTimeout(() => { form.hidden = true; }, form.dataset.undo * 1000);
    }
  };
  undo(document);

  const box = document.querySelector(".case [data-live]");
  if (box) {
    // New entries are shown when they are asked for, beside what is typed: the conversation
    // is drawn anew, and the forms know that it was read.
    const [again, show] = box.querySelectorAll("a");
    const draw = async (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      const link = e.currentTarget;
      const got = await fetch(link.href).catch(() => ({ text: () => "" }));
      const page = new DOMParser().parseFromString(await got.text(), "text/html");
      const fresh = page.querySelector(".case [data-live]");
      if (!got.ok || !fresh) { location = link.href; return; }
      for (const part of [".talk", ".marks"]) document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
      const talk = document.querySelector(".talk"), seen = page.querySelector(".answer [name=seen]")?.value;
      undo(talk);
      if (seen) for (const field of document.querySelectorAll(".answer [name=seen]")) field.value = seen;
      box.dataset.live = fresh.dataset.live;
      again.href = show.href = fresh.querySelector("a").href;
      again.textContent = fresh.querySelector("a").textContent;
      box.dispatchEvent(new Event("live"));
      if (link === again) return;
      const first = talk.querySelector("li.new") ?? talk.querySelector(".lines > li:last-child");
      first.tabIndex = -1;
      first.focus();
    };
    again.addEventListener("click", draw);
    show.addEventListener("click", draw);

    // Colleagues see that somebody writes, as long as there is something that is not sent
    // and a key was pressed a while ago at most.
    const tell = (does) => navigator.sendBeacon(box.dataset.live.replace(/live.*/, "presence"), new URLSearchParams({ does }));
    const answer = document.querySelector(".answer");
    let typed = 0, writes = false;
    const look = (again) => {
      const now = Date.now() - typed < 60000 && [...answer.querySelectorAll("textarea")].some((field) => field.value.trim() && field.value !== field.defaultValue);
      if (now !== writes || now && again) tell(now ? "write" : "read");
      writes = now;
    };
    if (answer) {
      answer.addEventListener("input", () => { typed = Date.now(); look(); });
      setInterval(look, 15000, true);
    }
    addEventListener("pagehide", () => tell("leave"));
  }
}
