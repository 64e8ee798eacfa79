// The card form of Stripe: its fields are Stripe's own, in a frame, so that no card number ever reaches us. Loaded on the page for paying
// alone, and only where the operator has set a key.

const form = document.querySelector("[data-card]");
const says = form.querySelector("[data-card-says]");
const button = form.querySelector("button");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function say(words) {
  says.textContent = words;
  says.hidden = !words;
}

const stripe = window.Stripe(form.dataset.key, { locale: form.dataset.language });
const elements = stripe.elements({
  clientSecret: form.dataset.secret,
  appearance: {
    theme: "flat",
    variables: {
      colorPrimary: token("--palm"), colorBackground: token("--surface"), colorText: token("--ink"), colorDanger: token("--coral-text"),
      borderRadius: "12px", fontSizeBase: "16px",
    },
  },
});
const card = elements.create("payment", { layout: "tabs" });
card.mount("#card");
card.on("ready", () => { button.disabled = false; });
card.on("loaderror", (event) => say(event.error.message));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  say("");
  // A card that is paid leads to the return address; only what went wrong comes back here.
  const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: form.dataset.return } });
  say(error.message);
  button.disabled = false;
});
