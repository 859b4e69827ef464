// @ts-check
// Camera and position: what a phone can tell of a place and a moment. An ES module for pages that
// import it; it keeps nothing and sends nothing.

/**
 * Where a device says it is. `accuracy` is the radius in metres within which it lies with 95 %.
 * @typedef {{longitude: number, latitude: number, accuracy: number, at: string}} Fix
 */

/**
 * A photograph as it was taken or chosen. What is not known is null: time and place are claimed for
 * pictures taken here and now alone; others tell them by what the camera wrote into the file.
 * @typedef {{id: string, name: string, blob: Blob, capturedAt: string|null, fix: Fix|null}} Photo
 */

const PATIENCE_MS = 20000;
const STALE_MS = 60000;
const FRESH_MS = 10000;
const SIDE = 240;

/** @param {GeolocationPosition} found @returns {Fix} */
export const fixOf = ({ coords, timestamp }) => ({
  longitude: Number(coords.longitude.toFixed(6)),
  latitude: Number(coords.latitude.toFixed(6)),
  accuracy: Math.round(coords.accuracy),
  at: new Date(timestamp).toISOString(),
});

/**
 * Where the device is now. Rejects with the device's own words where it cannot say.
 * @returns {Promise<Fix>}
 */
export const positionNow = () =>
  new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition((found) => resolve(fixOf(found)), reject, {
      enableHighAccuracy: true,
      timeout: PATIENCE_MS,
    });
  });

/** Follows the device while a page is open, so that each photograph has its place at once. */
export class Follower {
  #watch = 0;
  /** @type {Fix|null} */
  #latest = null;

  /** @param {(fix: Fix) => void} [tell] @param {(refusal: GeolocationPositionError) => void} [refuse] */
  start(tell, refuse) {
    if (this.#watch || !("geolocation" in navigator)) return;
    this.#watch = navigator.geolocation.watchPosition(
      (found) => {
        this.#latest = fixOf(found);
        if (tell) tell(this.#latest);
      },
      (refusal) => refuse && refuse(refusal),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 5000 },
    );
  }

  stop() {
    if (this.#watch) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = 0;
  }

  /**
   * Where the device is now: the last place if it is fresh, else asked for. Some devices answer one
   * question at a time, so that the watch pauses meanwhile. @returns {Promise<Fix>}
   */
  async now() {
    const last = this.#latest;
    if (last && Date.now() - Date.parse(last.at) <= FRESH_MS) return last;
    const isWatching = this.#watch !== 0;
    this.stop();
    try {
      this.#latest = await positionNow();
      return this.#latest;
    } finally {
      if (isWatching) this.start();
    }
  }

  /** The last place, if it is not older than a minute: an old one would be a guess. @returns {Fix|null} */
  get latest() {
    if (!this.#latest) return null;
    return Date.now() - Date.parse(this.#latest.at) <= STALE_MS ? this.#latest : null;
  }
}

/** An identifier made on the device. @returns {string} */
export const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/**
 * The files of an input as photographs. `isShot` tells those that the camera took just now.
 * @param {HTMLInputElement} input @param {boolean} isShot @param {Fix|null} fix
 * @returns {Photo[]}
 */
export const photosOf = (input, isShot, fix) =>
  [...(input.files ?? [])].map((file) => ({
    id: newId(),
    name: file.name || "photo.jpg",
    blob: file,
    capturedAt: isShot ? new Date().toISOString() : null,
    fix: isShot ? fix : null,
  }));

/**
 * A small picture on a canvas, so that no address of a blob need be allowed to the page.
 * @param {Blob} blob @param {HTMLCanvasElement} canvas
 */
export const preview = async (blob, canvas) => {
  try {
    const image = await createImageBitmap(blob);
    const scale = SIDE / Math.max(image.width, image.height);
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
  } catch {
    // What the browser cannot draw may still be kept: the server judges the file.
    canvas.hidden = true;
  }
};
