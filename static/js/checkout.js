// Buying: the parts of the form that depend on each other, and no second tap while the first is on its way.

const form = document.querySelector("form[data-checkout]");

function fit() {
  const ships = form.elements.delivery?.value === "ship";
  const addresses = document.getElementById("addresses");
  if (addresses) addresses.hidden = !ships;
  const cash = form.querySelector('input[name="pay_by"][value="cash"]');
  if (cash) {
    cash.disabled = ships; // cash changes hands when the thing does
    if (ships && cash.checked) form.querySelector('input[name="pay_by"][value="card"]').checked = true;
  }
}
if (form?.elements.delivery) {
  form.addEventListener("change", fit);
  fit();
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-once]") || event.defaultPrevented) return;
  setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0); // its own value still travels
});
addEventListener("pageshow", () => document.querySelectorAll("[data-once][aria-busy]").forEach((button) => {
  button.disabled = false;
  button.removeAttribute("aria-busy");
}));
