// @ts-check
// A track: points with time and accuracy, in stretches between pauses. What it comes to in metres and
// minutes is computed by the server.

import { fixOf } from "../../honghu/capture.js";
import { fixesOfDraft, keepDraft, keepFix } from "./store.js";

/** @typedef {import("./store.js").Draft} Draft */
/** @typedef {import("./store.js").KeptFix} KeptFix */

let watch = 0;
/** @type {WakeLockSentinel | null} */
let awake = null;

const stopWatching = () => {
  if (watch) navigator.geolocation.clearWatch(watch);
  watch = 0;
  awake?.release().catch(() => {});
  awake = null;
};

/**
 * Begin to record, or go on after a pause; `tell` hears of each point.
 * @param {Draft} draft @param {string} slot @param {(fix: KeptFix) => void} tell @param {() => void} refuse
 */
export const record = async (draft, slot, tell, refuse) => {
  stopWatching();
  const before = (await fixesOfDraft(draft.id)).filter((fix) => fix.slot === slot);
  const stretch = before.length ? Math.max(...before.map((fix) => fix.stretch)) + 1 : 0;
  draft.tracks[slot] = "recording";
  await keepDraft(draft);
  watch = navigator.geolocation.watchPosition(
    async (found) => {
      const fix = { ...fixOf(found), draft: draft.id, slot, stretch };
      await keepFix(fix);
      tell(fix);
    },
    refuse,
    { enableHighAccuracy: true, maximumAge: 0, timeout: 30000 },
  );
  try {
    awake = (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    awake = null;
  }
};

/** @param {Draft} draft @param {string} slot @param {"paused"|"finished"} state */
export const halt = async (draft, slot, state) => {
  stopWatching();
  draft.tracks[slot] = state;
  await keepDraft(draft);
};

/** Leaving the page ends a stretch: what was not watched is not known. */
export const leave = stopWatching;

/**
 * The points as GPX 1.1 (topografix.com/GPX/1/1): a segment for each stretch, the accuracy of each
 * point in metres beside it.
 * @param {KeptFix[]} fixes @returns {Blob}
 */
export const gpxOf = (fixes) => {
  /** @type {Map<number, KeptFix[]>} */
  const stretches = new Map();
  for (const fix of fixes) stretches.set(fix.stretch, [...(stretches.get(fix.stretch) ?? []), fix]);
  const segments = [...stretches.values()].map((stretch) => {
    const points = stretch.map(
      ({ latitude, longitude, at, accuracy }) =>
        `<trkpt lat="${latitude}" lon="${longitude}"><time>${at}</time><extensions><accuracy>${accuracy}</accuracy></extensions></trkpt>`,
    );
    return `<trkseg>${points.join("")}</trkseg>`;
  });
  const head = '<gpx version="1.1" creator="honghu" xmlns="http://www.topografix.com/GPX/1/1">';
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>${head}<trk>${segments.join("")}</trk></gpx>`], {
    type: "application/gpx+xml",
  });
};
