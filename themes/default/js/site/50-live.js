// What is new is said while a page is looked at. A page in the background does not
// listen: browsers have few connections.
for (const box of document.querySelectorAll("[data-live]")) {
  let source, again;
  const close = () => { source?.close(); source = null; clearTimeout(again); };
  const later = () => { close(); again = setTimeout(open, 60000); };
  const say = (name, words) => source.addEventListener(name, (e) => {
    const part = box.querySelector(`[data-${name}]`), text = words(part);
    if (text.textContent !== e.data) text.textContent = e.data; // said once
    part.hidden = !e.data;
  });
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(box.dataset.live);
    say("news", (part) => part.firstElementChild);
    say("there", (part) => part);
    // There are too many, here or in all. The link to load the page anew is there.
    source.addEventListener("full", later);
    source.addEventListener("error", () => { if (source?.readyState === 2) later(); });
  };
  document.addEventListener("visibilitychange", () => { document.hidden ? close() : open(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  box.addEventListener("live", () => {
    close();
    box.querySelector("[data-news]").hidden = true;
    open();
  });
}
