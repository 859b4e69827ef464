// @ts-check
// The field page: the list of drafts and tasks, and one form. What is typed is kept as it is typed.

import { Follower, newId, photosOf, preview } from "../../honghu/capture.js";
import { narrow } from "../../honghu/narrow.js";
import { flush } from "./send.js";
import { draftOf, drafts, dropDraft, dropPhoto, fixesOfDraft, keepDraft, keepKnown, keepPhoto, known, photosOfDraft } from "./store.js";
import { text, when } from "./texts.js";
import { halt, leave, record } from "./track.js";

/** @typedef {import("./store.js").Draft} Draft */
/** @typedef {import("./store.js").Task} Task */
/** @typedef {import("./store.js").Person} Person */

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const at = (id) => /** @type {T} */ (document.getElementById(id));
const root = at("field");
const form = /** @type {HTMLFormElement} */ (at("field-form"));
const follower = new Follower();
const CLOCK_MINUTES = 5;
const TRY_AGAIN_MS = 30000;

/** @type {Person | null} */
let me = null;
let isSignedIn = false;
/** @type {Draft | null} */
let open = null;
let saving = 0;

/** @param {string} tag @param {Record<string, string>} [values] @param {(Node|string)[]} parts */
const make = (tag, values = {}, ...parts) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  element.append(...parts);
  return element;
};

/** @param {string} label @param {string} kind @param {() => void} press */
const button = (label, kind, press) => {
  const made = make("button", { type: "button", class: `button button--small ${kind}` }, label);
  made.addEventListener("click", press);
  return made;
};

// Who is here and what there is to do

const refresh = async () => {
  let answer;
  try {
    answer = await fetch(root.dataset.tasks ?? "", { headers: { Accept: "application/json" } });
  } catch {
    me ??= (await known())?.person ?? null;
    return;
  }
  const clock = Math.round((Date.now() - Date.parse(answer.headers.get("Date") ?? "")) / 60000);
  at("field-clock").hidden = !(Math.abs(clock) > CLOCK_MINUTES);
  at("field-clock").textContent = text("clock", { minutes: Math.abs(clock) });
  isSignedIn = answer.ok;
  if (answer.ok) {
    const told = await answer.json();
    me = told.person;
    await keepKnown({ person: told.person, tasks: told.tasks, at: told.now });
  } else {
    me = (await known())?.person ?? null;
  }
};

const connection = () => {
  const line = at("field-connection");
  line.replaceChildren();
  if (!navigator.onLine) line.append(text("offline"));
  else if (isSignedIn) line.append(text("online"));
  else line.append(`${text("signedOut")} `, make("a", { href: root.dataset.signIn ?? "/" }, text("signIn")));
  line.classList.toggle("is-offline", !navigator.onLine || !isSignedIn);
  at("field-who").textContent = me ? `${me.name} · ${me.organisation}` : "";
};

/** @param {Draft} draft */
const isMine = (draft) => !me || (draft.owner.id === me.id && draft.owner.organisation_id === me.organisation_id);

/** @param {Draft} draft */
const named = ({ task, result }) => [task.action_title, task.title || task.register_title, result?.number || task.number].filter(Boolean).join(" · ");

/** @param {Draft} draft @param {number} count */
const draftItem = (draft, count) => {
  const item = make("li", { class: "panel field-item", "data-state": draft.state });
  item.append(make("b", {}, named(draft)));
  const state = draft.state === "sent" && draft.result ? text("done", { number: draft.result.number }) : text(draft.state);
  const files = count ? ` · ${text("photos", { count })}` : "";
  item.append(make("span", { class: "small field-state" }, `${state} · ${when(draft.created)}${files}`));
  if (draft.refusal) item.append(make("span", { class: "small field-wrong" }, [draft.refusal.detail, draft.refusal.remedy].join(" ")));
  const row = make("div", { class: "row" });
  if (draft.state === "sent" && draft.result) {
    row.append(make("a", { class: "button button--small", href: `/cases/${draft.result.case_id}` }, text("openCase")));
    row.append(button(text("dismiss"), "button--quiet", () => dropDraft(draft.id).then(home)));
  } else {
    row.append(make("a", { class: "button button--small button--primary", href: `#draft/${draft.id}` }, text("edit")));
    const remove = button(text("remove"), "button--quiet", () => {
      if (remove.dataset.sure) dropDraft(draft.id).then(home);
      else {
        remove.dataset.sure = "1";
        remove.textContent = text("removeSure");
      }
    });
    if (draft.state !== "sending") row.append(remove);
  }
  item.append(row);
  return item;
};

const home = async () => {
  const all = await drafts();
  const items = [];
  for (const draft of all.filter(isMine)) items.push(draftItem(draft, (await photosOfDraft(draft.id)).filter((file) => file.name !== "track.gpx").length));
  /** @type {Map<string, number>} */
  const others = new Map();
  for (const draft of all) if (!isMine(draft)) others.set(draft.owner.name, (others.get(draft.owner.name) ?? 0) + 1);
  for (const [name, count] of others) items.push(make("li", { class: "small soft" }, text("others", { count, name })));
  at("field-drafts").replaceChildren(...(items.length ? items : [make("li", { class: "soft" }, text("nothing"))]));
  const taken = await known();
  at("field-as-of").textContent = taken ? text("tasksOf", { time: when(taken.at) }) : "";
  const tasks = (taken?.tasks ?? []).map((task) => {
    const press = make("button", { type: "button", class: "field-task panel", "data-task": task.key });
    const light = { red: "▲ ", amber: "● ", green: "✓ " }[task.light] ?? "";
    press.append(make("b", {}, task.action_title), make("span", { class: "small" }, [task.title || task.register_title, task.number].filter(Boolean).join(" · ")));
    if (task.state) press.append(make("span", { class: "small soft" }, `${light}${task.state}${task.due_at ? ` · ${when(task.due_at)}` : ""}`));
    press.addEventListener("click", () => begin(task));
    return make("li", {}, press);
  });
  const none = text(taken ? "noTasks" : "unknownTasks");
  at("field-tasks").replaceChildren(...(tasks.length ? tasks : [make("li", { class: "soft" }, none)]));
  connection();
};

/** @param {Task} task */
const begin = async (task) => {
  const taken = await known();
  if (!taken) return;
  const started = (await drafts()).find((draft) => draft.task.key === task.key && draft.task.case_id && isMine(draft) && draft.state !== "sent");
  const id = started?.id ?? newId();
  if (!started) {
    /** @type {Draft} */
    const draft = {
      id, owner: taken.person, task, values: {}, state: "draft", created: new Date().toISOString(), ready: null,
      version: task.version, refusal: null, result: null, attempts: 0, tracks: {},
    };
    await keepDraft(draft);
  }
  location.hash = `draft/${id}`;
};

// One form

/** @returns {Record<string, string[]>} */
const typed = () => {
  /** @type {Record<string, string[]>} */
  const values = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") values[name] = [...(values[name] ?? []), value];
  return values;
};

/** @param {Record<string, string[]>} values */
const restore = (values) => {
  for (const input of form.elements) {
    if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement)) continue;
    if (!input.name || input.type === "file") continue;
    if (input instanceof HTMLInputElement && ["checkbox", "radio"].includes(input.type)) input.checked = (values[input.name] ?? []).includes(input.value);
    else input.value = values[input.name]?.[0] ?? "";
  }
};

const save = async () => {
  clearTimeout(saving);
  saving = 0;
  if (!open) return;
  open.values = typed();
  try {
    await keepDraft(open);
    at("field-kept").textContent = text("kept", { time: new Date().toLocaleTimeString(document.documentElement.lang) });
  } catch {
    at("field-kept").textContent = text("full");
  }
};

/** @param {Element} shelf */
const shelfSlot = (shelf) => /** @type {HTMLElement} */ (shelf).dataset.slot ?? "";

/** @param {Draft} draft */
const showPhotos = async (draft) => {
  const photos = await photosOfDraft(draft.id);
  for (const shelf of form.querySelectorAll("[data-slot]")) {
    const list = shelf.querySelector("[data-photos]");
    const own = photos.filter((photo) => photo.slot === shelfSlot(shelf) && photo.id !== `${draft.id}-${photo.slot}`);
    list?.replaceChildren(
      ...own.map((photo) => {
        const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { role: "img", "aria-label": photo.name }));
        if (photo.blob.type.startsWith("image/")) preview(photo.blob, canvas);
        else canvas.hidden = true;
        const place = photo.fix ? text("withPlace", { metres: photo.fix.accuracy }) : text("noPlace");
        const about = photo.capturedAt ? `${when(photo.capturedAt)} · ${place}` : text("chosen");
        const drop = button(text("leaveOut"), "button--quiet", () => dropPhoto(photo.id).then(() => showPhotos(draft)));
        return make("li", {}, canvas, make("span", { class: "small" }, `${photo.name} · ${about}`), drop);
      }),
    );
  }
};

/** @param {Draft} draft */
const showTracks = async (draft) => {
  const fixes = await fixesOfDraft(draft.id);
  for (const shelf of form.querySelectorAll('[data-slot][data-kind="track"]')) {
    const own = fixes.filter((fix) => fix.slot === shelfSlot(shelf));
    const state = draft.tracks[shelfSlot(shelf)];
    const gaps = { points: own.length, metres: own.at(-1)?.accuracy ?? "?" };
    const words = { recording: "trackOn", paused: "trackPaused", finished: "trackDone" }[state] ?? "trackIdle";
    const line = shelf.querySelector("[data-track-state]");
    if (line) line.textContent = text(words, gaps);
  }
};

/** @param {string} id */
const show = async (id) => {
  const draft = await draftOf(id);
  if (!draft || draft.state === "sent" || !isMine(draft)) {
    location.hash = "";
    return;
  }
  open = draft;
  // A track is recorded while its page is open: what was closed in between is a pause.
  for (const [slot, state] of Object.entries(draft.tracks)) if (state === "recording") await halt(draft, slot, "paused");
  at("field-title").textContent = draft.task.action_title;
  at("field-about").textContent = [draft.task.register_title, draft.task.number, draft.task.title].filter(Boolean).join(" · ");
  // The server's own markup, taken along when it was seen last.
  form.innerHTML = draft.task.html;
  narrow(form);
  for (const element of form.querySelectorAll(".js-only")) /** @type {HTMLElement} */ (element).hidden = false;
  if (Object.keys(draft.values).length) restore(draft.values);
  showRefusal(draft);
  await showPhotos(draft);
  await showTracks(draft);
  if (form.querySelector("[data-slot]")) follower.start();
};

/** @param {Draft} draft */
const showRefusal = (draft) => {
  const box = at("field-refusal");
  box.hidden = !draft.refusal;
  box.replaceChildren();
  if (!draft.refusal) return;
  const { code, detail, remedy, errors } = draft.refusal;
  box.append(make("p", {}, `${detail} ${remedy}`));
  const loose = [];
  for (const [name, said] of Object.entries(errors)) {
    const field = document.getElementById(`field-${name.replaceAll(".", "-")}-error`);
    const slot = form.querySelector(`[data-slot="${CSS.escape(name)}"] [data-slot-error]`);
    const place = field ?? slot;
    if (place) {
      place.textContent = said;
      place.closest(".field")?.classList.add("field--wrong");
    } else loose.push(said);
  }
  for (const said of loose) box.append(make("p", {}, said));
  if (code === "stale-version") {
    box.append(
      button(text("sendAnyway"), "", () => {
        draft.version = null;
        submit();
      }),
    );
  }
};

/** What the browser can judge by itself; all else is the server's. @returns {Promise<boolean>} */
const complete = async () => {
  if (!open) return false;
  const photos = await photosOfDraft(open.id);
  let isGood = true;
  for (const shelf of form.querySelectorAll("[data-slot]")) {
    const { slot = "", kind, min = "0", max } = /** @type {HTMLElement} */ (shelf).dataset;
    const chosen = photos.filter((photo) => photo.slot === slot && photo.id !== `${open?.id}-${slot}`).length;
    const count = chosen + (kind === "track" && open.tracks[slot] === "finished" ? 1 : 0);
    const line = shelf.querySelector("[data-slot-error]");
    const said = count < Number(min) ? text("missingPhotos", { min }) : max && count > Number(max) ? text("tooMany", { max }) : "";
    if (line) line.textContent = said;
    isGood &&= !said;
  }
  for (const input of form.querySelectorAll("input, select, textarea")) {
    const box = input.closest(".field");
    if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement || input instanceof HTMLTextAreaElement) || input.type === "file") continue;
    if (input.checkValidity()) continue;
    const line = box?.querySelector(".field-error");
    if (line) line.textContent = input.validationMessage;
    box?.classList.add("field--wrong");
    isGood = false;
  }
  if (!isGood) form.querySelector(".field--wrong, [data-slot-error]:not(:empty)")?.scrollIntoView({ block: "center" });
  return isGood;
};

const submit = async () => {
  await save();
  for (const box of form.querySelectorAll(".field--wrong")) box.classList.remove("field--wrong");
  for (const line of form.querySelectorAll(".field-error")) line.textContent = "";
  if (!open || !(await complete())) return;
  open.state = "ready";
  open.ready ??= new Date().toISOString();
  open.refusal = null;
  await keepDraft(open);
  location.hash = "";
  await go();
};

form.addEventListener("input", () => {
  clearTimeout(saving);
  saving = window.setTimeout(save, 250);
});
form.addEventListener("submit", (event) => event.preventDefault());

form.addEventListener("change", async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || input.type !== "file" || !open) return;
  const shelf = input.closest("[data-slot]");
  if (!shelf) return;
  const isShot = "shot" in input.dataset;
  const fix = isShot ? (follower.latest ?? (await follower.now().catch(() => null))) : null;
  try {
    let added = Date.now();
    for (const photo of photosOf(input, isShot, fix)) {
      await keepPhoto({ ...photo, draft: open.id, slot: shelfSlot(shelf), added: (added += 1), sha256: null });
    }
  } catch {
    at("field-kept").textContent = text("full");
  }
  input.value = "";
  await save();
  await showPhotos(open);
});

form.addEventListener("click", async (event) => {
  if (!(event.target instanceof Element) || !open) return;
  const locate = event.target.closest("[data-locate]");
  if (locate) {
    const box = /** @type {HTMLElement} */ (locate.closest(".field"));
    const line = /** @type {HTMLElement} */ (box.querySelector(".field-error"));
    locate.setAttribute("aria-busy", "true");
    try {
      const fix = await follower.now();
      /** @type {HTMLInputElement} */ (box.querySelector("[data-longitude]")).value = fix.longitude.toFixed(6);
      /** @type {HTMLInputElement} */ (box.querySelector("[data-latitude]")).value = fix.latitude.toFixed(6);
      line.textContent = "";
      const said = box.querySelector(".field-accuracy") ?? make("p", { class: "field-help field-accuracy", role: "status" });
      said.textContent = text("accuracy", { metres: fix.accuracy });
      locate.after(said);
      await save();
    } catch {
      line.textContent = text("positionFailed");
    }
    locate.removeAttribute("aria-busy");
    return;
  }
  const track = event.target.closest("[data-track]");
  const shelf = track?.closest("[data-slot]");
  if (!track || !shelf) return;
  const draft = open;
  const slot = shelfSlot(shelf);
  const line = /** @type {HTMLElement} */ (shelf.querySelector("[data-slot-error]"));
  line.textContent = "";
  const asked = /** @type {HTMLElement} */ (track).dataset.track;
  if (asked === "start") {
    const tell = () => open?.id === draft.id && showTracks(draft);
    await record(draft, slot, tell, () => (line.textContent = text("positionFailed")));
  } else if (asked === "finish" && (await fixesOfDraft(draft.id)).filter((fix) => fix.slot === slot).length < 2) {
    line.textContent = text("trackShort");
  } else {
    await halt(draft, slot, asked === "finish" ? "finished" : "paused");
  }
  await showTracks(draft);
});

at("field-send").addEventListener("click", submit);

// Going about

const route = async () => {
  if (saving) await save();
  leave();
  follower.stop();
  open = null;
  const [place, id] = location.hash.slice(1).split("/");
  at("field-home").hidden = place === "draft";
  at("field-one").hidden = place !== "draft";
  at("field-kept").textContent = "";
  if (place === "draft") await show(id);
  else await home();
  connection();
};

const redraw = () => {
  if (!at("field-home").hidden) home();
};

/** Look who is here, then send what waits. */
const go = async () => {
  await refresh();
  if (navigator.onLine) await flush(isSignedIn ? me : null, redraw);
  redraw();
  connection();
};

window.addEventListener("hashchange", route);
window.addEventListener("online", go);
window.addEventListener("offline", connection);
window.addEventListener("pagehide", () => saving && save());
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saving && save());
window.setInterval(async () => {
  const waits = (await drafts()).some((draft) => ["ready", "sending", "signin"].includes(draft.state));
  if (waits && navigator.onLine && document.visibilityState === "visible") go();
}, TRY_AGAIN_MS);

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register(root.dataset.worker ?? "", { scope: root.dataset.scope });
}
navigator.storage?.persist?.();
me = (await known())?.person ?? null;
await route();
await go();
root.dataset.started = "1";
