// After a form came back with mistakes, the summary of them gets the focus.
document.querySelector("[data-focus]")?.focus();
