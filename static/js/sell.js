// The sell form: the pin on the map, "where I am", the neighbourhood's name, and no sending while pictures are on their way.
// Everything that it knows goes into the form's own fields, so the form says the same without it.

import { toast } from "./souk.js";

const form = document.getElementById("sell");
const { latitude, longitude, neighborhood } = form.elements;
const L = window.L;

const buttons = () => form.querySelectorAll("button[name=then]");
let keeping = false; // an autosave is on its way
let sending = false; // the form itself is
let sendAfter = null; // the button that was tapped meanwhile

// --- pictures on their way --------------------------------------------------------------------------------------------
const waiting = new Map(); // uploader -> how many
form.addEventListener("uploads:changed", (event) => waiting.set(event.target, event.detail.waiting));
form.addEventListener("submit", (event) => {
  const many = [...waiting.values()].reduce((sum, n) => sum + n, 0);
  if (many && event.submitter?.value !== "questions") {
    event.preventDefault();
    toast(form.dataset.saysWaiting, "error");
    return;
  }
  if (keeping) { // a draft is being kept: send once the form knows its new revision
    event.preventDefault();
    sendAfter = event.submitter;
    return;
  }
  sending = true;
  // A second tap would send it twice. Disabled only now, so that the button's own value still travels.
  setTimeout(() => buttons().forEach((button) => { button.disabled = true; }), 0);
});
addEventListener("pageshow", () => { sending = false; buttons().forEach((button) => { button.disabled = false; }); });

// --- drafts kept while one types: the answer says which listing it is by now, and its revision ---------------------------
form.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== form) return;
  if (sending) event.preventDefault();
  else keeping = true;
});
form.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form) return;
  keeping = false;
  const kept = document.querySelector("#saved [data-product]");
  if (kept && event.detail.successful) {
    form.elements.product.value = kept.dataset.product;
    form.elements.revision.value = kept.dataset.revision;
  }
  if (sendAfter) form.requestSubmit(sendAfter);
  sendAfter = null;
});

// --- the place ----------------------------------------------------------------------------------------------------------
const element = document.getElementById("pin-map");
const words = document.getElementById("pin-words");
const facts = JSON.parse(document.getElementById("pin-facts").textContent);
const DUBAI = [25.2, 55.27];
const map = L.map(element, { zoomControl: false, attributionControl: Boolean(facts.tile_url), scrollWheelZoom: false, zoomSnap: 0.5 });
L.control.zoom({ position: document.dir === "rtl" ? "topleft" : "topright", zoomInTitle: element.dataset.saysIn, zoomOutTitle: element.dataset.saysOut }).addTo(map);
if (facts.tile_url) L.tileLayer(facts.tile_url, { maxZoom: 18, attribution: facts.tile_credit || "" }).addTo(map);
const pin = L.marker(DUBAI, {
  draggable: true,
  autoPan: true,
  keyboard: true,
  title: element.dataset.saysPin,
  alt: element.dataset.saysPin,
  icon: L.divIcon({ className: "sell-pin", html: "<i></i>", iconSize: [44, 44], iconAnchor: [22, 40] }),
});

const placed = () => latitude.value !== "" && longitude.value !== "";
const chosen = () => neighborhood.selectedOptions[0];
const middle = (option) => (option?.dataset.latitude ? [Number(option.dataset.latitude), Number(option.dataset.longitude)] : null);

let asked = 0;
async function name() {
  const mine = (asked += 1);
  const answer = await fetch(`/api/v1/neighborhoods/at?latitude=${latitude.value}&longitude=${longitude.value}`).catch(() => null);
  const place = answer?.ok ? await answer.json() : null;
  if (mine !== asked) return; // the pin has moved on
  words.textContent = place ? words.dataset.saysInArea.replace("%s", place.name || place.name_en) : words.dataset.saysNowhere;
  if (place && [...neighborhood.options].some((option) => option.value === place.slug)) {
    neighborhood.value = place.slug;
    form.elements.kept_neighborhood.value = place.slug; // chosen by the pin: the pin is what counts
  }
}

function put(at, { fly = true, zoom = 15 } = {}) {
  latitude.value = at[0].toFixed(6);
  longitude.value = at[1].toFixed(6);
  pin.setLatLng(at).addTo(map);
  if (fly) map.setView(at, zoom, { animate: false });
  name();
}

function changed() {
  form.dispatchEvent(new CustomEvent("place:changed", { bubbles: true }));
}

if (placed()) put([Number(latitude.value), Number(longitude.value)]);
else if (middle(chosen())) put(middle(chosen()), { zoom: 14 });
else { map.setView(DUBAI, 10); words.textContent = words.dataset.saysUnplaced; }

pin.on("dragend", () => { const { lat, lng } = pin.getLatLng(); put([lat, lng], { fly: false }); changed(); });
map.on("click", ({ latlng }) => { put([latlng.lat, latlng.lng], { fly: false }); changed(); });
neighborhood.addEventListener("change", () => {
  const at = middle(chosen());
  if (at) { put(at, { zoom: 14 }); changed(); }
});
const near = document.getElementById("near-me");
near.addEventListener("click", () => {
  near.setAttribute("aria-busy", "true");
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => { near.removeAttribute("aria-busy"); put([coords.latitude, coords.longitude], { zoom: 16 }); changed(); },
    () => { near.removeAttribute("aria-busy"); toast(near.dataset.saysUnknown, "error"); },
    { enableHighAccuracy: true, maximumAge: 60000, timeout: 10000 },
  );
});

// Neighbourhoods as shapes, as on every map of ours: names where there are no tiles.
if (!facts.tile_url) {
  fetch("/api/v1/neighborhoods.geojson").then(async (answer) => {
    if (!answer.ok) return;
    map.createPane("names").style.zIndex = 450;
    const arabic = document.documentElement.lang === "ar";
    L.geoJSON(await answer.json(), {
      interactive: false,
      style: () => ({ className: "district" }),
      onEachFeature: (feature, shape) => shape.bindTooltip((arabic && feature.properties.name_ar) || feature.properties.name_en, { permanent: true, pane: "names", direction: "center", className: "district-name" }),
    }).addTo(map).bringToBack();
    const far = () => element.classList.toggle("far", map.getZoom() < 12.5);
    map.on("zoomend", far);
    far();
  });
}

// --- after a refusal: to what is wrong ------------------------------------------------------------------------------------
document.getElementById("problems")?.focus();
