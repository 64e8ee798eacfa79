// Words to begin with: a tap puts them where one writes.

document.addEventListener("click", (event) => {
  const starter = event.target.closest("[data-starter]");
  if (!starter) return;
  const words = document.querySelector('#main textarea[name="body"]');
  words.value = starter.textContent;
  words.dispatchEvent(new Event("input", { bubbles: true }));
  words.focus();
});
