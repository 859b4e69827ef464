// @ts-check
// A long select box is narrowed by what is typed above it: a stretch is found among hundreds by a
// part of its name. An ES module; what it does to a page it does to forms that come later, too.

/** @param {HTMLSelectElement} select */
const narrowOne = (select) => {
  const all = [...select.options];
  const words = select.dataset.narrow ?? "";
  delete select.dataset.narrow;
  const box = document.createElement("input");
  box.type = "search";
  box.className = "input input--short narrow";
  box.autocomplete = "off";
  box.placeholder = words;
  box.setAttribute("aria-label", words);
  box.setAttribute("aria-controls", select.id);
  box.addEventListener("input", (event) => {
    // Looking for something is no change of the form.
    event.stopPropagation();
    const chosen = select.value;
    const sought = box.value.trim().toLowerCase().split(/\s+/);
    const fits = (/** @type {HTMLOptionElement} */ option) => sought.every((part) => option.text.toLowerCase().includes(part));
    select.replaceChildren(...all.filter((option) => !option.value || option.value === chosen || fits(option)));
    select.value = chosen;
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    select.focus();
  });
  select.before(box);
};

/** @param {Element | Document} root */
export const narrow = (root) => {
  // A row of filters has no room for it.
  const found = [...root.querySelectorAll("select[data-narrow]")].filter((select) => !select.closest(".filters"));
  for (const select of found) narrowOne(/** @type {HTMLSelectElement} */ (select));
};

narrow(document);
document.addEventListener("htmx:afterSettle", (event) => narrow(/** @type {Element} */ (event.target)));
