// What one can do with a message: opened by its button, or by holding it down. Reactions and pictures in full are here too.

import { api } from "./outbox.js";
import { toast } from "./souk.js";

const HELD = 450; // milliseconds
const MOVED = 10; // pixels: then it was a scroll

export function setUpMenu({ room, lines, act, redraw, writing }) {
  const menu = document.getElementById("message-menu");
  const part = (name) => menu.querySelector(`[data-do="${name}"]`);
  let line = null; // the message it stands for

  const wordsOf = (message) => message.querySelector("[data-words]")?.textContent ?? "";
  const before = (moment) => Boolean(moment) && new Date(moment) > new Date();

  function open(message) {
    line = message;
    const isMine = message.matches(".mine");
    const isGone = message.matches(".gone");
    const isThere = Boolean(message.dataset.seq) && !isGone;
    menu.querySelector(".menu-faces").hidden = !isThere || !writing;
    part("reply").hidden = !isThere || !writing;
    part("copy").hidden = isGone || !wordsOf(message);
    part("edit").hidden = !isMine || isGone || !before(message.dataset.editUntil) || !writing;
    part("unsend").hidden = !isMine || isGone || !before(message.dataset.unsendUntil);
    part("report").hidden = isMine;
    const chosen = message.querySelector('[data-react][aria-pressed="true"]')?.dataset.react;
    menu.querySelectorAll("[data-emoji]").forEach((face) => face.setAttribute("aria-checked", String(face.dataset.emoji === chosen)));
    if (!isThere && part("copy").hidden && part("unsend").hidden && part("report").hidden) return;
    menu.showModal();
    stand(message.querySelector(".bubble"), isMine);
    menu.querySelector("[role^=menuitem]:not([hidden] *, [hidden])")?.focus();
  }

  /** Beside the bubble where there is room; on a phone the sheet at the foot of the page stays where it is. */
  function stand(bubble, isMine) {
    if (!matchMedia("(min-width: 600px)").matches) { menu.style.left = menu.style.top = ""; return; }
    const at = bubble.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const onTheRight = (document.dir === "rtl") !== isMine;
    const left = onTheRight ? at.right - width : at.left;
    menu.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, left))}px`;
    const below = at.bottom + 4;
    menu.style.top = `${below + height < innerHeight ? below : Math.max(8, Math.min(at.top - height - 4, innerHeight - height - 8))}px`;
  }

  lines.addEventListener("click", (event) => {
    const button = event.target.closest("[data-menu]");
    if (button) open(button.closest(".msg"));
    const face = event.target.closest("[data-react]");
    if (face && writing) react(face.closest(".msg"), face.getAttribute("aria-pressed") === "true" ? null : face.dataset.react);
  });

  // --- held down, on a screen that is touched -----------------------------------------------------------------------------
  let holding = 0;
  let from = null;
  let isDown = false; // also for a moment after: the finger that opened the menu clicks on what came to lie under it
  const release = () => { clearTimeout(holding); from?.message.classList.remove("held-down"); from = null; };
  lines.addEventListener("pointerdown", (event) => {
    const message = event.target.closest(".msg:not(.notice-line)");
    if (event.pointerType !== "touch" || !message || event.target.closest("button, .offer-card")) return;
    isDown = true;
    from = { message, x: event.clientX, y: event.clientY };
    message.classList.add("held-down");
    holding = setTimeout(() => {
      const { message: held } = from;
      release();
      navigator.vibrate?.(10);
      open(held);
    }, HELD);
  });
  addEventListener("pointermove", (event) => { if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED) release(); }, { passive: true });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => { release(); setTimeout(() => { isDown = false; }, 60); });
  }
  lines.addEventListener("contextmenu", (event) => { if (event.pointerType === "touch" && event.target.closest(".bubble")) event.preventDefault(); });

  menu.addEventListener("click", (event) => { if (isDown) { event.preventDefault(); event.stopImmediatePropagation(); } }, true);

  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("[role^=menuitem]")].filter((item) => item.offsetParent);
    const step = { ArrowDown: 1, ArrowRight: document.dir === "rtl" ? -1 : 1, ArrowUp: -1, ArrowLeft: document.dir === "rtl" ? 1 : -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });

  // --- what it does -----------------------------------------------------------------------------------------------------------
  function react(message, emoji) {
    const { id } = message.dataset;
    act("message:react", { message_id: id, emoji }, () => (emoji ? api("PUT", `messages/${id}/reaction`, { emoji }) : api("DELETE", `messages/${id}/reaction`)))
      .then((done) => { if (done) redraw(id); });
  }

  const doing = {
    reply: (message) => writing.answer({
      id: message.dataset.id,
      isMine: message.matches(".mine"),
      excerpt: wordsOf(message) || message.querySelector(".offer-sum, .place-words strong")?.textContent.trim() || message.querySelector(".shots img")?.alt || "",
    }),
    copy: async (message) => {
      try {
        await navigator.clipboard.writeText(wordsOf(message));
        toast(room.dataset.saysCopied);
      } catch { /* the browser did not let us */ }
    },
    edit: (message) => writing.change({ id: message.dataset.id, words: wordsOf(message) }),
    unsend: async (message) => {
      const { id } = message.dataset;
      if (!confirm(room.dataset.saysUnsend)) return;
      if (await act("message:unsend", { message_id: id }, () => api("DELETE", `messages/${id}`))) redraw(id);
    },
  };

  menu.addEventListener("click", (event) => {
    const face = event.target.closest("[data-emoji]");
    const chosen = event.target.closest("[data-do]")?.dataset.do;
    if (!face && !chosen) return;
    const message = line;
    menu.close();
    if (face) react(message, face.getAttribute("aria-checked") === "true" ? null : face.dataset.emoji);
    else if (chosen !== "report") doing[chosen](message);
    else part("report").search = `?message=${message.dataset.id}`; // before the link is followed
  });
  menu.addEventListener("click", (event) => { if (event.target === menu) menu.close(); }); // beside it

  // --- a picture in full --------------------------------------------------------------------------------------------------------
  const frame = document.getElementById("enlarged");
  lines.addEventListener("click", (event) => {
    const link = event.target.closest("[data-enlarge]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const shown = link.querySelector("picture img");
    const widest = (shown?.srcset ?? "").split(", ").map((one) => one.split(" ")).sort((a, b) => parseInt(b[1] ?? 0, 10) - parseInt(a[1] ?? 0, 10))[0]?.[0];
    const picture = frame.querySelector("[data-picture]");
    picture.src = widest || link.href;
    picture.alt = shown?.alt ?? "";
    frame.showModal();
  });
  frame.addEventListener("click", (event) => { if (event.target === frame) frame.close(); });
}
