// @ts-check
// What this device keeps: drafts with their files and tracks, and the forms that were taken along.

/**
 * @typedef {{id: string, name: string, organisation_id: string, organisation: string}} Person
 * @typedef {{key: string, register: string, register_title: string, action: string, action_title: string,
 *   case_id: string|null, version: number|null, number: string, title: string, state: string,
 *   due_at: string|null, light: string, kinds: Record<string, string>,
 *   slots: Record<string, {kind: string}>, html: string}} Task
 * @typedef {{code: string, detail: string, remedy: string, errors: Record<string, string>}} Refusal
 * @typedef {"draft"|"ready"|"sending"|"signin"|"refused"|"sent"} State
 * @typedef {{id: string, owner: Person, task: Task, values: Record<string, string[]>, state: State,
 *   created: string, ready: string|null, version: number|null, refusal: Refusal|null,
 *   result: {number: string, case_id: string}|null, attempts: number,
 *   tracks: Record<string, "recording"|"paused"|"finished">}} Draft
 * @typedef {import("../../honghu/capture.js").Photo & {draft: string, slot: string, added: number, sha256: string|null}} KeptPhoto
 * @typedef {import("../../honghu/capture.js").Fix & {draft: string, slot: string, stretch: number}} KeptFix
 */

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
const database = () => {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("honghu-field", 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("drafts", { keyPath: "id" });
      db.createObjectStore("photos", { keyPath: "id" }).createIndex("draft", "draft");
      db.createObjectStore("fixes", { autoIncrement: true }).createIndex("draft", "draft");
      db.createObjectStore("known", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
};

/**
 * One request of one store, done when it is on the disk.
 * @param {string} name @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
const inStore = async (name, mode, ask) => {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
};

/** @param {Draft} draft */
export const keepDraft = (draft) => inStore("drafts", "readwrite", (store) => store.put(draft));
/** @param {string} id @returns {Promise<Draft|undefined>} */
export const draftOf = (id) => inStore("drafts", "readonly", (store) => store.get(id));
/** @returns {Promise<Draft[]>} */
export const drafts = async () => {
  /** @type {Draft[]} */
  const found = await inStore("drafts", "readonly", (store) => store.getAll());
  return found.sort((one, other) => other.created.localeCompare(one.created));
};

/** @param {KeptPhoto} photo */
export const keepPhoto = (photo) => inStore("photos", "readwrite", (store) => store.put(photo));
/** @param {string} id */
export const dropPhoto = (id) => inStore("photos", "readwrite", (store) => store.delete(id));
/** In the order in which they were taken. @param {string} draft @returns {Promise<KeptPhoto[]>} */
export const photosOfDraft = async (draft) => {
  /** @type {KeptPhoto[]} */
  const found = await inStore("photos", "readonly", (store) => store.index("draft").getAll(draft));
  return found.sort((one, other) => one.added - other.added);
};

/** @param {KeptFix} fix */
export const keepFix = (fix) => inStore("fixes", "readwrite", (store) => store.add(fix));
/** @param {string} draft @returns {Promise<KeptFix[]>} */
export const fixesOfDraft = (draft) => inStore("fixes", "readonly", (store) => store.index("draft").getAll(draft));

/** The bulky and the sensitive go as soon as they are not needed. @param {string} draft */
export const dropFiles = async (draft) => {
  const db = await database();
  await new Promise((resolve, reject) => {
    const transaction = db.transaction(["photos", "fixes"], "readwrite");
    for (const name of ["photos", "fixes"]) {
      const walk = transaction.objectStore(name).index("draft").openCursor(draft);
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) return;
        cursor.delete();
        cursor.continue();
      };
    }
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error);
  });
};

/** @param {string} id */
export const dropDraft = async (id) => {
  await dropFiles(id);
  await inStore("drafts", "readwrite", (store) => store.delete(id));
};

/** What was taken along: whose, when, which tasks. Another person's is not kept.
 * @param {{person: Person, tasks: Task[], at: string}} known */
export const keepKnown = (known) => inStore("known", "readwrite", (store) => store.put({ key: "last", ...known }));
/** @returns {Promise<{person: Person, tasks: Task[], at: string}|undefined>} */
export const known = () => inStore("known", "readonly", (store) => store.get("last"));
