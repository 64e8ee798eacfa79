// The moderators' keys, the countdown of a claim, the words of a policy. Without this file every page works by its own forms.
"use strict";
{
  const typing = (event) => event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  const press = (key) => {
    const thing = [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => !one.disabled && one.offsetParent !== null);
    if (!thing) return false;
    if (thing.type === "radio") { thing.checked = true; thing.focus(); thing.dispatchEvent(new Event("change", { bubbles: true })); }
    else thing.click();
    return true;
  };

  document.addEventListener("DOMContentLoaded", () => {
    queue();
    decision();
    claim();
    help();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = document.querySelector("[data-decide]");
      const button = form?.querySelector("[name=next], .button.wide");
      if (form && button && !button.disabled) { event.preventDefault(); form.requestSubmit(button); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "?") { document.getElementById("keys-help")?.showModal(); return; }
    if (key === "/") { const field = document.getElementById("searchbar"); if (field) { event.preventDefault(); field.focus(); } return; }
    if (key === "u" && document.body.classList.contains("case-page")) { location.assign(document.querySelector(".breadcrumbs a:nth-of-type(2)").href); return; }
    if (key.length === 1 && /[a-z]/.test(key) && press(key)) event.preventDefault();
  });

  // --- the queue: j and k move, Enter opens, x chooses, c claims ---------------------------------------------------------
  function queue() {
    const rows = [...document.querySelectorAll(".queue #result_list tbody tr")];
    if (!rows.length) return;
    let at = -1;
    const go = (to) => {
      rows[at]?.classList.remove("here");
      at = Math.min(rows.length - 1, Math.max(0, to));
      rows[at].classList.add("here");
      rows[at].querySelector("a.subject").focus({ preventScroll: true });
      rows[at].scrollIntoView({ block: "nearest" });
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
      if (event.key === "j") go(at + 1);
      else if (event.key === "k") go(at - 1);
      else if (event.key === "x" && at >= 0) rows[at].querySelector(".action-select")?.click();
      else if (event.key === "c" && at >= 0) rows[at].querySelector("button[formaction]")?.click();
    });
  }

  // --- the form of a decision: the policy's words, what undoing restores, what the button says ---------------------------
  function decision() {
    const form = document.querySelector("[data-decide]");
    const source = document.getElementById("policies");
    if (!form || !source) return;
    form.classList.add("scripted");
    const words = JSON.parse(source.textContent);
    const policy = form.querySelector("[name=policy]");
    const areas = { en: form.querySelector("[name=reason_en]"), ar: form.querySelector("[name=reason_ar]") };
    let last = { en: "", ar: "" };
    const fill = () => {
      const chosen = words[policy.value] || { en: "", ar: "" };
      for (const language of ["en", "ar"]) {
        // What the moderator wrote stays; only words of a policy are replaced by those of another.
        if (areas[language].value.trim() === "" || areas[language].value === last[language]) areas[language].value = chosen[language];
      }
      last = chosen;
    };
    policy.addEventListener("change", fill);
    const choose = () => {
      const chosen = form.querySelector("[name=outcome]:checked");
      form.querySelectorAll("[data-preview]").forEach((note) => note.classList.toggle("shown", note.dataset.preview === chosen?.value));
      const needed = chosen?.closest(".needs-reason");
      policy.required = Boolean(needed);
      if (needed) fill();
      const button = form.querySelector("[name=next]");
      if (button && chosen) button.textContent = form.dataset.says.replace("{outcome}", chosen.closest("label").textContent.trim());
    };
    form.addEventListener("change", (event) => { if (event.target.name === "outcome") choose(); });
    choose();
    let sent = false;
    form.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
    addEventListener("pageshow", () => { sent = false; });
  }

  // --- the claim: a countdown, and more time while somebody is at work on the page ---------------------------------------
  function claim() {
    const bar = document.querySelector("[data-hold][data-url]");
    if (!bar) return;
    const shown = bar.querySelector(".left");
    let ends = Date.now() + Number(bar.dataset.left) * 1000;
    let active = Date.now();
    let asking = false;
    for (const kind of ["pointermove", "keydown", "scroll"]) addEventListener(kind, () => { active = Date.now(); }, { passive: true });
    const ask = async () => {
      asking = true;
      try {
        const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
        const answer = await fetch(bar.dataset.url, { method: "POST", headers: { "X-CSRFToken": token } });
        const { left } = await answer.json();
        ends = Date.now() + left * 1000;
      } catch { /* the countdown goes on; the server decides */ }
      asking = false;
    };
    const tick = () => {
      const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
      shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      bar.classList.toggle("soon", left > 0 && left < 120);
      bar.classList.toggle("lost", left === 0);
      if (!asking && left > 0 && left < Number(bar.dataset.left) / 2 && Date.now() - active < 60000 && !document.hidden) ask();
    };
    tick();
    setInterval(tick, 1000);
  }

  function help() {
    const button = document.querySelector("[data-help]");
    const dialog = document.getElementById("keys-help");
    if (!button || !dialog) return;
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
}
