// Local time: what the server wrote in its own zone is shown in the reader's.
for (const el of document.querySelectorAll("time[datetime*='T']")) {
  const at = new Date(el.dateTime);
  el.title = at.toLocaleString(document.documentElement.lang);
}
