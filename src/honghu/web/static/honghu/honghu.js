// Comforts of the pages. Everything can be read and sent without this file.
"use strict";

(() => {
  const texts = document.body.dataset;

  const reveal = (root) => {
    for (const element of root.querySelectorAll(".js-only, [data-dismiss]")) {
      element.hidden = false;
    }
    const summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
  };

  // Copy a hash; the button says that it did.
  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("is-copied");
    const word = button.querySelector(".visually-hidden");
    const before = word.textContent;
    word.textContent = texts.copied;
    setTimeout(() => {
      button.classList.remove("is-copied");
      word.textContent = before;
    }, 1500);
  };

  const locate = (button) => {
    const box = button.closest(".field");
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        box.querySelector("[data-longitude]").value = coords.longitude.toFixed(6);
        box.querySelector("[data-latitude]").value = coords.latitude.toFixed(6);
        button.removeAttribute("aria-busy");
      },
      (refusal) => {
        box.querySelector(".field-error").textContent = refusal.message;
        button.removeAttribute("aria-busy");
      },
      { enableHighAccuracy: true, timeout: 20000 },
    );
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-dismiss], [data-locate]");
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      const insideRail = menu.classList.contains("rail-toggle") && event.target.closest(".rail");
      if (!menu.contains(event.target) && !insideRail) menu.open = false;
    }
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else if ("dismiss" in button.dataset) button.closest("[data-toast]").remove();
    else locate(button);
  });

  document.addEventListener("keydown", (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details[data-menu][open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    } else if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = document.querySelector("[data-hotkey='/']");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  // Say what is wrong beside the field as one leaves it; the server checks again.
  const complaint = (input) => {
    const { validity } = input;
    const text = input.value.trim();
    if (validity.valueMissing) return texts.required;
    if (validity.patternMismatch || validity.badInput) return texts.mismatch;
    if (validity.rangeUnderflow || validity.rangeOverflow) return texts.range;
    if ("number" in input.dataset && text !== "") {
      const number = Number(text.replace(/[,，\s]/g, ""));
      if (!Number.isFinite(number)) return texts.number;
      const { min, max } = input.dataset;
      if ((min && number < Number(min)) || (max && number > Number(max))) return texts.range;
    }
    if (input.dataset.confirm && text !== "" && text !== input.dataset.confirm) return texts.mismatch;
    return "";
  };

  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches(".field input, .field textarea, .field select")) return;
    if (input.closest(".filters") || /^(radio|checkbox|file|search)$/.test(input.type)) return;
    const box = input.closest(".field");
    const slot = box.querySelector(".field-error");
    const wrong = complaint(input);
    if (!slot || slot.textContent.trim() === wrong) return;
    if (!wrong && !("complained" in box.dataset)) return;
    slot.textContent = wrong;
    box.classList.toggle("field--wrong", wrong !== "");
    if (wrong) {
      box.dataset.complained = "";
      input.setAttribute("aria-invalid", "true");
    } else {
      input.removeAttribute("aria-invalid");
    }
  });

  // Nothing typed is lost by a slip: leaving a changed form asks first. Nothing is stored in the
  // browser, because offices share machines.
  let unsent = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest && event.target.closest("form[data-guard]")) unsent = true;
  });
  document.addEventListener("submit", (event) => {
    unsent = false;
    const button = event.submitter;
    if (!event.target.matches("form[method='post' i]") || event.target.hasAttribute("hx-post")) return;
    // A second press while the first is on its way would be refused as a repetition.
    if (button) setTimeout(() => button.setAttribute("aria-busy", "true"), 0);
    if (event.target.dataset.sent === "1") event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsent) event.preventDefault();
  });

  // Offline, and requests that failed on the way.
  const bar = document.getElementById("offline-bar");
  const showConnection = () => {
    if (bar) bar.hidden = navigator.onLine;
  };
  window.addEventListener("online", showConnection);
  window.addEventListener("offline", showConnection);

  const say = (text) => {
    const messages = document.getElementById("messages");
    if (!messages) return;
    const notice = document.createElement("div");
    notice.className = "notice notice--red";
    notice.textContent = text;
    messages.append(notice);
    notice.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:sendError", () => say(texts.unsent));
  document.addEventListener("htmx:timeout", () => say(texts.unsent));
  // Refused forms come back with 4xx and the fields drawn anew: show them.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { status } = event.detail.xhr;
    if (status === 409 || status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => reveal(event.target));

  reveal(document);
  showConnection();
})();
