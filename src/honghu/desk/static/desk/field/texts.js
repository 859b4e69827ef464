// @ts-check
// The page's words, as the server told them, with their gaps filled.

const root = /** @type {HTMLElement} */ (document.getElementById("field"));
/** @type {Record<string, string>} */
const told = JSON.parse(root.dataset.texts ?? "{}");

/** @param {string} name @param {Record<string, string | number>} [gaps] @returns {string} */
export const text = (name, gaps = {}) =>
  Object.entries(gaps).reduce((said, [gap, value]) => said.replaceAll(`{${gap}}`, String(value)), told[name] ?? "");

/** An instant as people read it here. @param {string} instant @returns {string} */
export const when = (instant) =>
  new Date(instant).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
