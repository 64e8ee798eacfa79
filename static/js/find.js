// Suggestions under the search box (WAI-ARIA combobox with a listbox). Without this it is a plain form.

const WAIT = 160; // ms after the last letter

document.querySelectorAll("form[data-find]").forEach((form) => {
  const box = form.querySelector("input[name=q]");
  const list = form.querySelector(".find-options");
  const status = form.querySelector("[data-find-status]");
  let timer = 0;
  let asking = null;
  let shownFor = null;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);

  const options = () => [...list.querySelectorAll("[role=option]")];
  const at = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");

  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    options().forEach((one) => one.removeAttribute("aria-selected"));
  }

  function open() {
    const any = options().length > 0;
    list.hidden = !any;
    box.setAttribute("aria-expanded", String(any));
    status.textContent = any ? list.dataset.saysMany : "";
  }

  function choose(number) {
    const all = options();
    all.forEach((one, n) => (n === number ? one.setAttribute("aria-selected", "true") : one.removeAttribute("aria-selected")));
    if (all[number]) {
      box.setAttribute("aria-activedescendant", all[number].id);
      all[number].scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  }

  async function ask() {
    const words = box.value.trim();
    if (words === shownFor) return open();
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.find}?q=${encodeURIComponent(words)}`, { signal: asking.signal, headers: { "HX-Request": "true" } });
      if (!answer.ok || document.activeElement !== box) return;
      list.innerHTML = await answer.text(); // of ours, escaped by the server
      shownFor = words;
      open();
    } catch { /* a newer question, or no line: the form still sends */ }
  }

  function go(option) {
    if (option.dataset.fill) box.value = option.dataset.fill;
    close();
    location.assign(option.dataset.href);
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  box.addEventListener("focus", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  box.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (event.key === "Enter" && !list.hidden && at() >= 0) { event.preventDefault(); go(all[at()]); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (list.hidden) { ask(); return; }
    const step = event.key === "ArrowDown" ? 1 : -1;
    // One place beyond either end is the box itself.
    const next = at() + step;
    choose(next < -1 ? all.length - 1 : next >= all.length ? -1 : next);
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  box.addEventListener("blur", () => { clearTimeout(timer); close(); });
});
