// What every page does once it stands: nothing here is needed to read or to send a form.

const says = document.body.dataset;

/** Show one short sentence at the foot of the page for six seconds. */
export function toast(words, kind = "info") {
  const line = document.createElement("div");
  line.className = `toast ${kind}`;
  line.textContent = words;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 6000);
}
window.addEventListener("souk:toast", (event) => toast(event.detail.words, event.detail.kind));

// Messages from the server stay until they are read or closed; the calm ones go by themselves.
document.querySelectorAll(".toast:not(.error, .warning)").forEach((line) => setTimeout(() => line.remove(), 8000));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});

// --- sheets and menus: plain <details> that also close by Escape, by a tap outside, and one at a time -------------------
const open = () => document.querySelectorAll("details:is(.sheet, .menu)[open]");
document.addEventListener("click", (event) => {
  open().forEach((details) => {
    if (event.target.closest("[data-close]") || !details.contains(event.target)) details.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  open().forEach((details) => {
    details.open = false;
    details.querySelector(":scope > summary").focus();
  });
});
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.open || !details.matches("details:is(.sheet, .menu)")) return;
  open().forEach((other) => { if (other !== details && !other.contains(details)) other.open = false; });
}, true);

// --- theme: at once, and kept in the cookie the server reads before it paints -----------------------------------------
document.querySelectorAll("[data-theme-form]").forEach((form) => form.addEventListener("submit", (event) => {
  event.preventDefault();
  const theme = event.submitter.value;
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
  document.cookie = theme === "auto" ? "theme=; path=/; max-age=0; samesite=lax" : `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  form.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
}));

// --- connection -----------------------------------------------------------------------------------------------------
const offline = document.getElementById("offline");
const connected = () => { offline.hidden = navigator.onLine; };
addEventListener("online", connected);
addEventListener("offline", connected);
connected();
for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(trouble, (event) => {
    const status = event.detail.xhr?.status;
    if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    else if (!event.detail.xhr?.getResponseHeader("HX-Trigger")) toast(says.saysFailed, "error");
  });
}

// --- small manners of forms -------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm || event.submitter?.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-sends]")) event.target.form.requestSubmit();
});
// Empty fields make long addresses: a filter that was not used is not sent.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  event.target.querySelectorAll("input, select").forEach((field) => { if (field.value === "") field.disabled = true; });
});
addEventListener("pageshow", () => document.querySelectorAll("form[method=get] :disabled").forEach((field) => { field.disabled = false; }));

// --- share: the device's own sheet, else the clipboard ------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  const link = { title: document.title, url: button.dataset.share };
  try {
    if (navigator.share) await navigator.share(link);
    else { await navigator.clipboard.writeText(link.url); toast(says.saysCopied); }
  } catch { /* the person closed the sheet */ }
});

// --- near me: asks for the place only on a tap, sends it rounded to about 100 metres (three digits of a degree) ----------------------------------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-near-me]");
  if (!button) return;
  event.preventDefault();
  const form = button.form;
  button.setAttribute("aria-busy", "true");
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      form.elements.latitude.value = coords.latitude.toFixed(3);
      form.elements.longitude.value = coords.longitude.toFixed(3);
      form.requestSubmit(button);
    },
    () => { button.removeAttribute("aria-busy"); toast(button.dataset.saysUnknown, "error"); },
    { maximumAge: 600000, timeout: 10000 },
  );
});

// --- gallery: which picture is in view --------------------------------------------------------------------------------
document.querySelectorAll("[data-gallery]").forEach((gallery) => {
  const strip = gallery.querySelector(".strip");
  const thumbs = [...gallery.querySelectorAll(".thumbs a")];
  const at = gallery.querySelector("[data-at]");
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (!entry.isIntersecting) { entry.target.querySelector("video")?.pause(); return; }
    const number = [...strip.children].indexOf(entry.target);
    if (at) at.textContent = number + 1;
    thumbs.forEach((thumb, n) => { if (n === number) thumb.setAttribute("aria-current", "true"); else thumb.removeAttribute("aria-current"); });
  }), { root: strip, threshold: 0.6 });
  [...strip.children].forEach((item) => seen.observe(item));
  thumbs.forEach((thumb, n) => thumb.addEventListener("click", (event) => {
    event.preventDefault();
    strip.scrollTo({ left: strip.children[n].offsetLeft - strip.offsetLeft, behavior: "smooth" });
  }));
});
