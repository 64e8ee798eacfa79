// Maps from our own data: neighbourhoods as shapes, listings as prices at the middle of their coarse cell. No foreign
// host is asked for anything unless the operator set a tile server. Reads the JSON beside the element:
//   {centre: [lat, lng], radius_m, here, districts_url, tile_url, tile_credit,
//    spots: [{at: [lat, lng], key, count, minor, words, title}]}
// A single listing gives `blur_m`: the circle that it is somewhere in.

const L = window.L;

function draw(element) {
  const facts = JSON.parse(document.getElementById(element.dataset.map).textContent);
  const map = L.map(element, { zoomControl: false, attributionControl: Boolean(facts.tile_url), scrollWheelZoom: !element.dataset.quiet, zoomSnap: 0.5 });
  L.control.zoom({ position: document.dir === "rtl" ? "topleft" : "topright", zoomInTitle: element.dataset.saysIn, zoomOutTitle: element.dataset.saysOut }).addTo(map);
  if (facts.tile_url) L.tileLayer(facts.tile_url, { maxZoom: 18, attribution: facts.tile_credit || "" }).addTo(map);

  const centre = L.latLng(facts.centre);
  const reach = facts.blur_m ? facts.blur_m * 4 : facts.radius_m || 3000;
  map.fitBounds(centre.toBounds(reach * 2), { animate: false });
  if (facts.blur_m) L.circle(centre, { radius: facts.blur_m, className: "spot", interactive: false }).addTo(map);
  else if (facts.radius_m) L.circle(centre, { radius: facts.radius_m, className: "radius", interactive: false }).addTo(map);
  if (facts.spots?.length) spots(facts, map);
  if (facts.districts_url) districts(facts, map);
}

// Pins that would lie on each other become one, again at every zoom.
const WIDTH = 76;
const HEIGHT = 30;

function spots(facts, map) {
  const all = facts.spots.map((spot) => ({ ...spot, where: L.latLng(spot.at) }));
  const layer = L.layerGroup().addTo(map);
  map.fitBounds(L.latLngBounds(all.map((spot) => spot.where)).pad(0.15), { animate: false, maxZoom: 15, padding: [WIDTH / 2, HEIGHT] });
  const arrange = () => {
    layer.clearLayers();
    const pins = [];
    all.forEach((spot) => {
      const at = map.latLngToLayerPoint(spot.where);
      const near = pins.find((pin) => Math.abs(pin.at.x - at.x) < WIDTH && Math.abs(pin.at.y - at.y) < HEIGHT);
      if (near) near.spots.push(spot); else pins.push({ at, spots: [spot] });
    });
    pins.forEach((pin) => place(pin.spots, map).addTo(layer));
  };
  map.on("zoomend", arrange);
  arrange();
}

function place(here, map) {
  const count = here.reduce((sum, spot) => sum + spot.count, 0);
  const cheapest = here.reduce((low, spot) => (spot.minor < low.minor ? spot : low));
  const words = document.createElement("bdi");
  words.className = "map-pin";
  words.textContent = count === 1 ? cheapest.words : `${count} · ${cheapest.words}`;
  const title = here.map((spot) => spot.title).slice(0, 3).join(", ");
  const marker = L.marker(cheapest.where, { icon: L.divIcon({ className: "", iconSize: [0, 0], html: words }), title, alt: title, riseOnHover: true, keyboard: true });
  marker.on("click keypress", () => {
    if (here.length > 1 && map.getZoom() < 17) {
      map.flyToBounds(L.latLngBounds(here.map((spot) => spot.where)).pad(0.3), { maxZoom: Math.max(map.getZoom() + 1, 16), duration: 0.4 });
      return;
    }
    document.querySelectorAll(".map-pin.on").forEach((other) => other.classList.remove("on"));
    marker.getElement().querySelector(".map-pin").classList.add("on");
    const card = document.querySelector(`[data-spot="${CSS.escape(here[0].key)}"]`);
    card?.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" });
    const way = card?.querySelector("a, input"); // a listing to open, or a place to choose
    way?.focus({ preventScroll: true });
    if (way?.type === "radio") way.checked = true;
  });
  return marker;
}

async function districts(facts, map) {
  map.createPane("names").style.zIndex = 450; // above the shapes, below the prices
  const answer = await fetch(facts.districts_url);
  if (!answer.ok) return; // a map without shapes still shows what is for sale where
  const layer = L.geoJSON(await answer.json(), {
    interactive: false,
    style: (feature) => ({ className: feature.properties.slug === facts.here ? "district here" : "district" }),
    onEachFeature: (feature, shape) => shape.bindTooltip((document.documentElement.lang === "ar" && feature.properties.name_ar) || feature.properties.name_en, { permanent: true, pane: "names", direction: "center", className: "district-name" }),
  }).addTo(map);
  layer.bringToBack();
  const names = () => map.getContainer().classList.toggle("far", map.getZoom() < 12.5);
  map.on("zoomend", names);
  names();
}

document.querySelectorAll("[data-map]").forEach(draw);
