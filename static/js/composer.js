// Where one writes: words, pictures, a place; answering and changing; what waits to be sent is drawn at once.

import { api } from "./outbox.js";
import { send, status } from "./realtime.js";
import { toast } from "./souk.js";

const TYPING_EVERY = 3000; // milliseconds between two "is writing"
const STOPPED_AFTER = 4000;
const LETTERS_LEFT = 200; // from here on they are counted aloud
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)");

export function setUpComposer({ room, composer, waiting, outbox, act, redraw, toNewest }) {
  const { id } = room.dataset;
  const words = composer.elements.body;
  const button = composer.querySelector(".send");
  const banner = composer.querySelector("[data-banner]");
  const letters = composer.querySelector("[data-letters]");
  const draftKey = outbox.key.replace("outbox", "draft");
  const pictures = { waiting: 0, ready: 0, failed: 0 };
  let answering = null; // {id, excerpt, isMine}
  let changing = null; // {id, words}
  let sendWhenReady = false;

  // --- what one wrote and did not send is still there when one comes back --------------------------------------------------
  function keepDraft() {
    try {
      if (words.value && !changing) localStorage.setItem(draftKey, words.value);
      else localStorage.removeItem(draftKey);
    } catch { /* then it is not kept */ }
  }
  try { words.value ||= localStorage.getItem(draftKey) ?? ""; } catch { /* none */ }

  function fit() {
    if (!CSS.supports("field-sizing", "content")) {
      words.style.blockSize = "auto";
      words.style.blockSize = `${words.scrollHeight + 2}px`;
    }
    const left = words.maxLength - words.value.length;
    letters.hidden = left > LETTERS_LEFT;
    letters.textContent = composer.dataset.saysLetters.replace("{n}", left);
  }

  // --- "is writing" ----------------------------------------------------------------------------------------------------------
  let saidAt = 0;
  let stopTimer = 0;
  function tell(isWriting) {
    clearTimeout(stopTimer);
    if (status() !== "open") return;
    if (isWriting) {
      stopTimer = setTimeout(tell, STOPPED_AFTER, false);
      if (Date.now() - saidAt < TYPING_EVERY) return;
      saidAt = Date.now();
      send("typing:start", { conversation_id: id }).catch(() => {});
    } else if (saidAt) {
      saidAt = 0;
      send("typing:stop", { conversation_id: id }).catch(() => {});
    }
  }
  words.addEventListener("input", () => { fit(); keepDraft(); if (!changing) tell(words.value.trim() !== ""); });
  words.addEventListener("blur", () => tell(false));

  // --- answering, changing ------------------------------------------------------------------------------------------------------
  function showBanner() {
    const about = changing ?? answering;
    banner.hidden = !about;
    banner.querySelector("[data-banner-words]").textContent = about ? about.excerpt ?? about.words : "";
    if (!about) return;
    banner.querySelector("[data-banner-reply]").hidden = Boolean(changing);
    banner.querySelector("[data-banner-edit]").hidden = !changing;
    const who = banner.querySelector("[data-banner-who]");
    who.textContent = changing ? who.dataset.saysEdit : answering.isMine ? who.dataset.saysYou : room.dataset.name;
  }

  function answer(about) {
    answering = about;
    changing = null;
    showBanner();
    words.focus();
  }

  function change(about) {
    changing = about;
    answering = null;
    words.value = about.words;
    showBanner();
    fit();
    words.focus();
  }

  function leave() {
    if (changing) words.value = "";
    answering = changing = null;
    showBanner();
    fit();
  }
  banner.querySelector("[data-banner-end]").addEventListener("click", () => { leave(); words.focus(); });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !banner.hidden) { event.preventDefault(); leave(); }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard.matches) return;
    event.preventDefault();
    composer.requestSubmit();
  });

  // --- send -----------------------------------------------------------------------------------------------------------------------
  composer.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  button.addEventListener("pointerdown", (event) => { if (document.activeElement === words) event.preventDefault(); }); // the keyboard of a phone stays

  async function submit() {
    const body = words.value.trim();
    if (changing) {
      const { id: messageId, words: before } = changing;
      if (!body || body === before) { leave(); return; }
      if (await act("message:edit", { message_id: messageId, content: body }, ({ message_id: _inTheAddress, ...said }) => api("PATCH", `messages/${messageId}`, said))) {
        leave();
        redraw(messageId);
      }
      return;
    }
    if (pictures.waiting) { // off they go as soon as the last one is there
      sendWhenReady = true;
      button.setAttribute("aria-busy", "true");
      return;
    }
    const ready = [...composer.querySelectorAll('[name="image_ids"]:not(:disabled)')];
    if (pictures.failed || (!body && !ready.length)) return;
    outbox.add({
      body,
      ...(ready.length ? { kind: "image", image_ids: ready.map((input) => input.value), previews: ready.map((input) => input.closest(".upload").querySelector("img").src) } : {}),
      ...(answering ? { reply_to_id: answering.id, quoted: { excerpt: answering.excerpt, isMine: answering.isMine } } : {}),
    });
    words.value = "";
    answering = null;
    showBanner();
    composer.dispatchEvent(new CustomEvent("uploads:clear"));
    keepDraft();
    fit();
    tell(false);
    toNewest();
  }

  const closeMenus = () => composer.querySelectorAll("details[open]").forEach((menu) => { menu.open = false; });
  composer.addEventListener("change", (event) => { if (event.target.type === "file") closeMenus(); });
  composer.addEventListener("uploads:changed", ({ detail }) => {
    Object.assign(pictures, detail);
    if (!sendWhenReady || detail.waiting) return;
    sendWhenReady = false;
    button.removeAttribute("aria-busy");
    // Alpine writes the hidden inputs a moment later
    if (!detail.failed) setTimeout(submit);
  });

  // --- a place: only on a tap, after a question, once ----------------------------------------------------------------------------
  const question = document.getElementById("share-place");
  composer.querySelector("[data-locate]")?.addEventListener("click", () => {
    closeMenus();
    question.returnValue = "";
    question.showModal();
  });
  question.addEventListener("close", () => {
    if (question.returnValue !== "send") return;
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => {
        outbox.add({ kind: "location", location: { latitude: Number(coords.latitude.toFixed(6)), longitude: Number(coords.longitude.toFixed(6)) } });
        toNewest();
      },
      () => toast(room.dataset.saysUnknown, "error"),
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: 15_000 },
    );
  });

  // --- what waits ------------------------------------------------------------------------------------------------------------------
  const lineOf = (entry) => document.getElementById(`p-${entry.client_id}`);

  function draw(entry) {
    let line = lineOf(entry);
    if (!line) {
      line = document.getElementById("pending-message").content.querySelector(".msg").cloneNode(true);
      line.id = `p-${entry.client_id}`;
      line.dataset.client = entry.client_id;
      line.querySelector("[data-words]").textContent = entry.kind === "location" ? line.querySelector("[data-words]").dataset.saysPlace : entry.body;
      line.querySelector("[data-words]").hidden = entry.kind === "image" && !entry.body;
      const time = line.querySelector("time");
      time.dateTime = entry.at;
      time.textContent = new Date(entry.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.timeZone });
      if (entry.quoted) quote(line, entry.quoted);
      if (entry.image_ids) shots(line, entry);
      waiting.append(line);
    }
    line.dataset.status = entry.state;
    const trouble = line.querySelector(".trouble");
    trouble.hidden = entry.state !== "failed" && !entry.words;
    trouble.querySelector("[data-says]").textContent = entry.words;
    trouble.querySelector("[data-retry]").hidden = entry.state !== "failed";
    if (entry.state === "failed" && entry.code === "messaging.warned") warn(entry);
  }

  function quote(line, { excerpt, isMine }) {
    const part = line.querySelector(".quote");
    part.hidden = false;
    part.querySelector(".quote-who").textContent = isMine ? banner.querySelector("[data-banner-who]").dataset.saysYou : room.dataset.name;
    part.querySelector(".quote-words").textContent = excerpt;
  }

  function shots(line, entry) {
    const list = line.querySelector(".shots");
    list.hidden = false;
    list.classList.add(`n${entry.image_ids.length}`);
    (entry.previews ?? entry.image_ids.map(() => "")).forEach((preview) => {
      const item = document.createElement("li");
      const frame = document.createElement("span");
      frame.className = "pic";
      if (preview) {
        const picture = new Image();
        picture.src = preview;
        picture.alt = "";
        picture.className = "waiting-pic";
        frame.append(picture);
      }
      item.append(frame);
      list.append(item);
    });
  }

  waiting.addEventListener("click", (event) => {
    const client = event.target.closest(".msg")?.dataset.client;
    if (event.target.closest("[data-retry]")) outbox.again(client);
    if (event.target.closest("[data-discard]")) {
      const entry = outbox.get(client);
      if (entry?.body && !words.value) { words.value = entry.body; fit(); keepDraft(); }
      outbox.drop(client);
      event.target.closest(".msg").remove();
      words.focus();
    }
  });

  // --- "read this before you send it" ------------------------------------------------------------------------------------------------
  const warning = document.getElementById("warned");
  let warned = null;
  function warn(entry) {
    if (warned) return; // one at a time; the others keep their "try again"
    warned = entry;
    warning.querySelector("[data-says]").textContent = entry.words;
    warning.querySelector("[data-words]").textContent = entry.body;
    warning.returnValue = "";
    warning.showModal();
  }
  warning.addEventListener("close", () => {
    const entry = warned;
    warned = null;
    if (warning.returnValue === "send") { outbox.again(entry.client_id, { acknowledge_warning: true, code: "" }); return; }
    if (entry.kind !== "text") return; // its pictures are already there: it stays with "try again"
    outbox.drop(entry.client_id);
    lineOf(entry)?.remove();
    words.value = words.value ? `${entry.body}\n${words.value}` : entry.body;
    fit();
    keepDraft();
    words.focus();
  });

  // The keyboard of a phone covers the page: be as high as what is left of it.
  const view = window.visualViewport;
  view?.addEventListener("resize", () => document.documentElement.style.setProperty("--seen-height", `${view.height}px`));
  fit();

  return {
    draw,
    answer,
    change,
    accepted: (entry) => { const line = lineOf(entry); if (line) { line.dataset.status = "sent"; line.querySelector(".trouble").hidden = true; } },
  };
}
