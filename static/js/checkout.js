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


// With the provider's own card form below, which asks for one sum: choosing how it comes asks for the new sum at once. Cash is agreed
// on by its button alone.
form?.addEventListener("change", (event) => {
  if (form.dataset.apply === undefined || form.elements.pay_by?.value === "cash") return;
  if (!["delivery", "address_id"].includes(event.target.name)) return;
  document.querySelectorAll("[data-card] button").forEach((button) => { button.disabled = true; }); // it is over the old sum
  const then = Object.assign(document.createElement("input"), { type: "hidden", name: "then", value: "way" });
  form.append(then);
  form.submit();
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-once]") || event.defaultPrevented) return;
  setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0); // its own value still travels
});
addEventListener("pageshow", () => document.querySelectorAll("[data-once][aria-busy]").forEach((button) => {
  button.disabled = false;
  button.removeAttribute("aria-busy");
}));
