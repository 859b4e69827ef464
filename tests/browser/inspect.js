// What a page owes everybody, looked at in the page itself. Returns a list of faults in words.
(language) => {
  const faults = [];
  const say = (text, element) => {
    const where = element
      ? ` at <${element.outerHTML.replace(/\s+/g, " ").slice(0, 140)}…`
      : "";
    faults.push(text + where);
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const words = (element) => (element ? element.textContent.trim() : "");
  const named = (element) => {
    const label = element.getAttribute("aria-label");
    if (label && label.trim()) return true;
    const ids = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    return ids.some((id) => words(document.getElementById(id)));
  };

  if (document.documentElement.lang !== language) say(`lang is ${document.documentElement.lang}`);
  if (!document.title.replace("·", "").trim()) say("the page has no title");

  // Nothing widens the page.
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    say(`the page is ${root.scrollWidth} px wide on ${root.clientWidth} px`);
    const inScroller = (element) => {
      for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
        if (getComputedStyle(up).overflowX !== "visible") return true;
      }
      return false;
    };
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (box.width && box.right > root.clientWidth + 1 && !inScroller(element)) {
        say("reaches out of the page", element);
        break;
      }
    }
  }

  // Names of controls.
  for (const input of document.querySelectorAll("input, select, textarea")) {
    if (input.type === "hidden" || named(input)) continue;
    if (![...(input.labels || [])].some((label) => words(label))) say("no label", input);
  }
  for (const input of document.querySelectorAll("input[type=radio]")) {
    if (!words(input.closest("fieldset")?.querySelector("legend"))) say("no question", input);
  }
  for (const element of document.querySelectorAll("a[href], button, summary")) {
    if (!shown(element)) continue;
    const picture = element.querySelector("img[alt]:not([alt='']), svg[aria-label]");
    if (!words(element) && !named(element) && !picture) say("no words", element);
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.hasAttribute("alt")) say("no alt", image);
    if (shown(image) && image.complete && !image.naturalWidth) say("broken picture", image);
  }
  for (const drawing of document.querySelectorAll("svg")) {
    const isHidden = drawing.getAttribute("aria-hidden") === "true";
    if (!isHidden && !named(drawing) && !drawing.querySelector("title")) say("unnamed", drawing);
  }

  // Headings in order: one h1, and no level left out below it.
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
  const first = headings.filter((heading) => heading.localName === "h1");
  if (first.length !== 1) say(`${first.length} headings of the first order`);
  let level = 0;
  for (const heading of headings.filter((each) => each.closest("main"))) {
    const own = Number(heading.localName[1]);
    if (own > level + 1) say(`h${own} after h${level}`, heading);
    level = own;
    if (!words(heading)) say("empty heading", heading);
  }

  for (const table of document.querySelectorAll("table")) {
    const around = table.closest("[aria-label], [aria-labelledby]");
    if (!words(table.caption) && !named(table) && !(around && named(around))) {
      say("no caption", table);
    }
    for (const head of table.querySelectorAll("th")) if (!head.scope) say("no scope", head);
  }

  // References lead somewhere, and to one place.
  const seen = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (seen.has(element.id)) say(`id ${element.id} twice`, element);
    seen.add(element.id);
  }
  for (const name of ["aria-describedby", "aria-labelledby", "for", "list"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) say(`${name} leads nowhere`, element);
      }
    }
  }

  // Large enough for a finger (WCAG 2.2, 2.5.8: 24 px), and no text squeezed to a thread.
  for (const element of document.querySelectorAll("button, .button, summary, select, textarea")) {
    const box = element.getBoundingClientRect();
    if (shown(element) && box.width && Math.min(box.width, box.height) < 23.5) {
      say(`only ${Math.round(box.width)} × ${Math.round(box.height)} px`, element);
    }
  }
  for (const cell of document.querySelectorAll("td, th, dd, dt, .button, h1, h2, h3, .badge, p")) {
    if (!shown(cell) || cell.classList.contains("visually-hidden")) continue;
    const style = getComputedStyle(cell);
    const em = parseFloat(style.fontSize);
    const range = document.createRange();
    range.selectNodeContents(cell);
    const box = range.getBoundingClientRect();
    const lines = /^(h[1-6]|button|a)$/.test(cell.localName) ? 2.2 : 4.5;
    if (words(cell).length > 3 && box.width && box.width < 3.2 * em && box.height > lines * em) {
      say("squeezed", cell);
    }
  }
  // Text that runs out of its box lies over its neighbour.
  const boxes = "td, th, dd, dt, .button, .badge, h1, h2, h3, .desk-work > li > div";
  for (const cell of document.querySelectorAll(boxes)) {
    if (!shown(cell) || cell.classList.contains("visually-hidden")) continue;
    if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== "inline") {
      say("runs out of its box", cell);
    }
  }
  return faults;
};
