// Pictures and videos go straight to storage: ask for an address, send the file with progress, say that it is there,
// wait for the check. Three at a time; a failed one can be tried again; the order is the order of the hidden inputs.
// Part: templates/parts/uploads.html. Load before Alpine.

const AT_ONCE = 3;
const LONGEST_SIDE = 2560; // pixels; the server keeps no more, so larger photographs are made smaller before they travel
const POLL_MS = 1200;
const PATIENCE = 150; // polls: three minutes, as long as a video may take

const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.split("=")[1] ?? "";

async function api(method, path, body) {
  const token = document.body.getAttribute("hx-headers");
  const response = await fetch(`/api/v1/media/${path}`, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": token ? JSON.parse(token)["X-CSRFToken"] : cookie("csrftoken"),
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.errors?.[0]?.detail || answer.detail || response.statusText);
  return answer;
}

function deliver(address, file, onPercent, keep) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    keep(request);
    request.open(address.method, address.upload_url);
    for (const [name, value] of Object.entries(address.headers || {})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { if (event.lengthComputable) onPercent(Math.round((100 * event.loaded) / event.total)); };
    request.onload = () => (request.status < 300 ? resolve() : reject(new Error(problem(request))));
    request.onerror = () => reject(new Error(""));
    request.onabort = () => reject(new Error(""));
    if (address.method === "PUT") { request.send(file); return; }
    const form = new FormData(); // S3's own form: its fields first, the file last
    for (const [name, value] of Object.entries(address.fields || {})) form.append(name, value);
    form.append("file", file);
    request.send(form);
  });
}

function problem(request) {
  try { return JSON.parse(request.responseText).detail; } catch { return ""; }
}

/** A large photograph as a smaller JPEG; anything the browser cannot draw (HEIC on most) goes as it is. */
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size < 1_500_000) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.88 });
    return blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

const TYPES = { heic: "image/heic", heif: "image/heif", mp4: "video/mp4", mov: "video/quicktime" };
const typeOf = (file) => file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";

document.addEventListener("alpine:init", () => {
  window.Alpine.data("uploads", () => ({
    items: [],
    name: "",
    trouble: "",
    spoken: "",
    room: true,

    init() {
      this.name = this.$root.dataset.name;
      this.$root.querySelectorAll("[data-existing]").forEach((kept) => {
        this.items.push(this.item({ asset_id: kept.dataset.existing, state: "ready", preview: kept.dataset.preview }));
      });
      this.arrange();
      this.takeEarly();
      this.$root.addEventListener("uploads:clear", () => { this.items = []; this.arrange(); }); // they went with a message
    },

    /** Files chosen before this script had arrived, as happens on a slow line. */
    takeEarly() {
      this.$root.querySelectorAll("input[type=file]").forEach((input) => { if (input.files.length) this.take({ target: input }); });
    },

    item(facts) {
      return { key: crypto.randomUUID(), file: null, asset_id: "", state: "waiting", percent: 0, preview: "", problem: "", request: null, ...facts };
    },

    /** What the template shows, computed once here: the CSP build of Alpine reads properties only. */
    arrange() {
      const words = { waiting: this.$root.dataset.saysWaiting, sending: this.$root.dataset.saysSending, checking: this.$root.dataset.saysChecking };
      this.items.forEach((item, place) => {
        item.place = place;
        item.leads = place === 0;
        item.busy = item.state in words;
        item.failed = item.state === "failed";
        item.unusable = !item.asset_id || item.failed;
        item.shown = item.preview !== "";
        item.plain = item.preview === "";
        item.css = (item.failed ? "failed " : "") + (place === 0 && item.state === "ready" ? "first" : "");
        item.words = item.failed ? item.problem || this.$root.dataset.saysFailed : words[item.state] || "";
      });
      this.room = this.items.length < Number(this.$root.dataset.limit);
      this.$dispatch("uploads:changed", { waiting: this.items.filter((i) => i.busy).length, ready: this.items.filter((i) => i.state === "ready").length, failed: this.items.filter((i) => i.failed).length });
    },

    take(event) {
      const free = Number(this.$root.dataset.limit) - this.items.length;
      const files = [...event.target.files];
      event.target.value = "";
      this.trouble = files.length > free ? this.$root.dataset.saysTooMany : "";
      files.slice(0, free).forEach((file) => {
        const drawable = /^image\/(jpeg|png|webp|avif|gif)$/.test(file.type);
        this.items.push(this.item({ file, preview: drawable ? URL.createObjectURL(file) : "" }));
      });
      this.settle();
    },

    /** Show, then start what there is room for. */
    settle() {
      this.arrange();
      const running = this.items.filter((item) => item.state === "sending" || item.state === "checking").length;
      this.items.filter((item) => item.state === "waiting").slice(0, AT_ONCE - running).forEach((item) => this.send(item));
    },

    async send(item) {
      item.state = "sending";
      item.percent = 0;
      this.arrange();
      try {
        const file = await smaller(item.file);
        const address = await api("POST", "upload-url", { filename: item.file.name, content_type: typeOf(file), byte_size: file.size, purpose: this.$root.dataset.purpose });
        await deliver(address, file, (percent) => { item.percent = percent; }, (request) => { item.request = request; });
        item.state = "checking";
        this.arrange();
        await api("POST", `${address.asset_id}/complete`, {});
        await this.checked(item, address.asset_id);
      } catch (trouble) {
        if (!this.items.includes(item)) return;
        item.state = "failed";
        item.problem = trouble.message || this.$root.dataset.saysLost;
      }
      this.settle();
    },

    async checked(item, asset_id) {
      for (let tries = 0; tries < PATIENCE && this.items.includes(item); tries += 1) {
        const asset = await api("GET", asset_id);
        if (asset.state === "ready") {
          item.asset_id = asset_id;
          item.state = "ready";
          const small = (asset.picture?.variants || []).filter((v) => v.format === "jpeg").sort((a, b) => a.width - b.width)[0];
          if (small?.url) item.preview = small.url;
          return;
        }
        if (asset.state === "failed" || asset.state === "rejected") throw new Error(asset.failure?.message || "");
        await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
      }
      throw new Error("");
    },

    /** A file that the browser cannot draw shows an icon. */
    blank(item) {
      item.preview = "";
      this.arrange();
    },

    again(item) {
      item.state = "waiting";
      item.problem = "";
      this.settle();
    },

    drop(item) {
      this.items = this.items.filter((other) => other.key !== item.key);
      item.request?.abort();
      this.settle();
    },

    earlier(item) {
      const place = this.items.findIndex((other) => other.key === item.key);
      if (place < 1) return;
      this.items.splice(place - 1, 0, ...this.items.splice(place, 1));
      this.spoken = `${this.$root.dataset.saysMoved} ${place}`;
      this.settle();
    },
  }));
});
