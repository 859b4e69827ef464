// @ts-check
// Comforts of a map: drag it, turn the wheel, pinch, arrow keys. Each ends in an address, as the
// map's own links do; without this file these links remain.
"use strict";

(() => {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  /** @type {{x: number, y: number, apart: number} | null} */
  let held = null;
  let turned = 0;
  let later = 0;
  let dragged = false;

  /** @param {EventTarget | null} target @returns {SVGSVGElement | null} */
  const mapOf = (target) => (target instanceof Element ? target.closest("svg.map-picture") : null);

  /** Show another part of the map. @param {string} address */
  const go = (address) => {
    const url = new URL(address, location.href);
    // @ts-ignore htmx is loaded by the page
    if (!window.htmx) {
      location.assign(url);
      return;
    }
    // @ts-ignore
    window.htmx
      .ajax("GET", url.pathname + url.search, { target: "#list", select: "#list", swap: "outerHTML" })
      .then(() => history.pushState({}, "", url));
  };

  /**
   * The box after a move by shares of itself and a change of scale around a point of it.
   * @param {SVGSVGElement} map @param {{across?: number, up?: number, scale?: number, x?: number, y?: number}} move
   */
  const show = (map, { across = 0, up = 0, scale = 1, x = 0.5, y = 0.5 }) => {
    const [west, south, east, north] = (map.dataset.box ?? "").split(",").map(Number);
    const [width, height] = [east - west, north - south];
    const [wide, high] = [Math.min(Math.max(width * scale, 0.0004), 360), Math.min(Math.max(height * scale, 0.0002), 180)];
    const left = Math.min(Math.max(west + width * x - wide * x - across * width, -180), 180 - wide);
    const bottom = Math.min(Math.max(south + height * (1 - y) - high * (1 - y) + up * height, -90), 90 - high);
    const url = new URL(location.href);
    url.searchParams.set("box", [left, bottom, left + wide, bottom + high].map((edge) => edge.toFixed(6)).join(","));
    for (const name of ["page", "after", "before"]) url.searchParams.delete(name);
    go(url.href);
  };

  const spread = () => {
    const [one, other] = [...fingers.values()];
    return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
  };
  const middle = () => {
    const all = [...fingers.values()];
    return {
      x: all.reduce((sum, each) => sum + each.clientX, 0) / all.length,
      y: all.reduce((sum, each) => sum + each.clientY, 0) / all.length,
      apart: spread(),
    };
  };

  document.addEventListener("pointerdown", (event) => {
    const map = mapOf(event.target);
    if (!map || (event.pointerType === "mouse" && event.button !== 0)) return;
    fingers.set(event.pointerId, event);
    held = middle();
    dragged = false;
  });

  document.addEventListener("pointermove", (event) => {
    if (!held || !fingers.has(event.pointerId)) return;
    const map = document.querySelector("svg.map-picture");
    const moving = map?.querySelector("[data-map-move]");
    if (!map || !moving) return;
    fingers.set(event.pointerId, event);
    const { x, y, apart } = middle();
    const unit = map.getBoundingClientRect().width / 900;
    if (Math.hypot(x - held.x, y - held.y) < 6 && Math.abs(apart - held.apart) < 6) return;
    dragged = true;
    map.classList.add("is-moving");
    const scale = held.apart && apart ? apart / held.apart : 1;
    moving.setAttribute("transform", `translate(${(x - held.x) / unit} ${(y - held.y) / unit}) scale(${scale})`);
  });

  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!held || !fingers.has(event.pointerId)) return;
    const end = middle();
    fingers.delete(event.pointerId);
    const map = /** @type {SVGSVGElement | null} */ (document.querySelector("svg.map-picture"));
    if (fingers.size || !map) return;
    const start = held;
    held = null;
    map.classList.remove("is-moving");
    if (!dragged) return;
    const area = map.getBoundingClientRect();
    if (start.apart && end.apart) {
      show(map, { scale: start.apart / end.apart, x: (start.x - area.left) / area.width, y: (start.y - area.top) / area.height });
    } else {
      show(map, { across: (end.x - start.x) / area.width, up: (end.y - start.y) / area.height });
    }
  };
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));

  document.addEventListener("dragstart", (event) => {
    if (mapOf(event.target)) event.preventDefault();
  });

  document.addEventListener(
    "click",
    (event) => {
      if (!(event.target instanceof Element)) return;
      const map = mapOf(event.target);
      if (map && dragged) {
        event.preventDefault();
        dragged = false;
        return;
      }
      const link = event.target.closest("a[data-map-go]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(link.getAttribute("href") ?? "");
    },
    true,
  );

  document.addEventListener(
    "wheel",
    (event) => {
      const map = mapOf(event.target);
      // A page is scrolled past a map; with a key held, or the fingers of a touchpad apart, it zooms.
      if (!map || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      turned += event.deltaY;
      clearTimeout(later);
      const area = map.getBoundingClientRect();
      const at = { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
      later = window.setTimeout(() => {
        show(map, { scale: turned > 0 ? 2 : 0.5, ...at });
        turned = 0;
      }, 120);
    },
    { passive: false },
  );

  document.addEventListener("keydown", (event) => {
    const map = mapOf(event.target) ?? (event.target instanceof Element && event.target.closest(".map")?.querySelector("svg"));
    if (!map) return;
    /** @type {Record<string, object>} */
    const moves = {
      ArrowLeft: { across: 1 / 3 },
      ArrowRight: { across: -1 / 3 },
      ArrowUp: { up: 1 / 3 },
      ArrowDown: { up: -1 / 3 },
      "+": { scale: 0.5 },
      "=": { scale: 0.5 },
      "-": { scale: 2 },
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(/** @type {SVGSVGElement} */ (map), move);
  });

  window.addEventListener("popstate", () => {
    if (document.querySelector("svg.map-picture")) location.reload();
  });
})();
