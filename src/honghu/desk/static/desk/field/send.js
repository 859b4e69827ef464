// @ts-check
// Sending drafts, each exactly once: files first, by their hash, then the form under the key that was
// made with the draft. The same key again changes nothing on the server.

import { draftOf, drafts, dropFiles, fixesOfDraft, keepDraft, keepPhoto, photosOfDraft } from "./store.js";
import { gpxOf } from "./track.js";

/** @typedef {import("./store.js").Draft} Draft */
/** @typedef {import("./store.js").Person} Person */
/** @typedef {import("./store.js").KeptPhoto} KeptPhoto */

const API = "/api/v1";

/** What the server refuses for good, until somebody corrects it. */
class Refused extends Error {
  /** @param {import("./store.js").Refusal} refusal */
  constructor(refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}
/** Nobody is signed in, or somebody else. */
class SignIn extends Error {}
/** Later: no connection, or a server that has no time. */
class Later extends Error {}

const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

/** @param {string} path @param {RequestInit} request @returns {Promise<any>} */
const ask = async (path, request) => {
  let answer;
  try {
    answer = await fetch(API + path, {
      credentials: "same-origin",
      ...request,
      headers: { "X-CSRFToken": token(), "Accept-Language": document.documentElement.lang, ...request.headers },
    });
  } catch {
    throw new Later();
  }
  if (answer.ok) return answer.json();
  if (answer.status === 401) throw new SignIn();
  if (answer.status === 429 || answer.status >= 500) throw new Later();
  const told = await answer.json().catch(() => ({}));
  // A session that ended between two requests is told as a missing token.
  if (told.code === "csrf") throw new SignIn();
  throw new Refused({ code: told.code ?? "", detail: told.detail ?? String(answer.status), remedy: told.remedy ?? "", errors: told.errors ?? {} });
};

/** @param {KeptPhoto} photo @param {string} kind @returns {Promise<string>} */
const upload = async (photo, kind) => {
  const form = new FormData();
  form.append("file", photo.blob, photo.name);
  form.append("kind", kind);
  if (photo.capturedAt) form.append("captured_at", photo.capturedAt);
  if (photo.fix) {
    form.append("longitude", photo.fix.longitude.toFixed(6));
    form.append("latitude", photo.fix.latitude.toFixed(6));
  }
  return (await ask("/evidence", { method: "POST", body: form })).sha256;
};

/** The files of a draft by slot, all of them on the server. @param {Draft} draft */
const evidenceOf = async (draft) => {
  /** @type {Record<string, string[]>} */
  const evidence = {};
  const photos = await photosOfDraft(draft.id);
  for (const [slot, state] of Object.entries(draft.tracks)) {
    const fixes = (await fixesOfDraft(draft.id)).filter((fix) => fix.slot === slot);
    if (state !== "finished" || !fixes.length || photos.some((photo) => photo.id === `${draft.id}-${slot}`)) continue;
    /** @type {KeptPhoto} */
    const track = { id: `${draft.id}-${slot}`, draft: draft.id, slot, name: "track.gpx", blob: gpxOf(fixes), capturedAt: null, fix: null, added: 0, sha256: null };
    await keepPhoto(track);
    photos.push(track);
  }
  for (const photo of photos) {
    if (!photo.sha256) {
      photo.sha256 = await upload(photo, draft.task.slots[photo.slot]?.kind ?? "photo");
      await keepPhoto(photo);
    }
    evidence[photo.slot] = [...(evidence[photo.slot] ?? []), photo.sha256];
  }
  return evidence;
};

/** The form as the API takes it. @param {Draft} draft @returns {Record<string, string|string[]|null>} */
const formOf = ({ task, values }) =>
  Object.fromEntries(
    Object.entries(task.kinds).map(([name, kind]) => {
      if (kind === "choices") return [name, values[name] ?? []];
      if (kind === "place") {
        const [longitude, latitude] = [values[`${name}.longitude`]?.[0] ?? "", values[`${name}.latitude`]?.[0] ?? ""];
        return [name, longitude || latitude ? `${longitude},${latitude}` : null];
      }
      return [name, values[name]?.[0] || null];
    }),
  );

/** @param {Draft} draft */
const send = async (draft) => {
  const { task } = draft;
  const evidence = await evidenceOf(draft);
  const common = { form: formOf(draft), evidence, claimed_at: draft.ready };
  const [path, body] = task.case_id
    ? [`/cases/${task.case_id}/actions/${task.action}`, { ...common, expected_version: draft.version }]
    : [`/registers/${task.register}/cases`, { ...common, action: task.action }];
  return ask(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Idempotency-Key": draft.id },
  });
};

/**
 * Send what is ready and belongs to the person who is signed in; null where nobody is. One tab at a
 * time. `tell` hears of each change.
 * @param {Person | null} person @param {() => void} tell
 */
export const flush = (person, tell) =>
  navigator.locks.request("honghu-field-send", async () => {
    for (const { id } of await drafts()) {
      const draft = await draftOf(id);
      if (!draft || !["ready", "sending", "signin"].includes(draft.state)) continue;
      const isOwn = person && draft.owner.id === person.id && draft.owner.organisation_id === person.organisation_id;
      if (!isOwn) {
        draft.state = "signin";
        await keepDraft(draft);
        tell();
        continue;
      }
      draft.state = "sending";
      draft.attempts += 1;
      await keepDraft(draft);
      tell();
      try {
        const done = await send(draft);
        draft.result = { number: done.number, case_id: done.case_id };
        draft.state = "sent";
        draft.refusal = null;
        draft.values = {};
        draft.task = { ...draft.task, html: "" };
        await keepDraft(draft);
        await dropFiles(draft.id);
      } catch (problem) {
        if (problem instanceof Refused) {
          draft.state = "refused";
          draft.refusal = problem.refusal;
        } else if (problem instanceof SignIn) {
          draft.state = "signin";
        } else {
          draft.state = "ready";
        }
        await keepDraft(draft);
        tell();
        if (problem instanceof Later) return;
        if (!(problem instanceof Refused || problem instanceof SignIn)) throw problem;
      }
      tell();
    }
  });
