// What Go asks a page. It runs in an isolated world: the page's scripts see
// neither it nor what it returns, and can not change what it uses.
globalThis.nudged ??= (() => {
  const shown = (el) => el.getClientRects().length > 0 &&
    el.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false });

  const all = (sel) => Array.from(document.querySelectorAll(sel));
  const first = (sel) => all(sel).find(shown) ?? null;

  const disabled = (el) => el.matches(":disabled") || el.getAttribute("aria-disabled") === "true" ||
    [el, el.parentElement].some((e) => e && /(^|[\s_-])disabled($|[\s_-])/i.test(e.getAttribute("class") ?? ""));

  // A password stays where it was typed.
  const secret = (el) => el.type === "password";

  return {
    // state answers a wait: what is shown, and where.
    state(want, gone) {
      return {
        want: !!want && first(want) !== null,
        gone: !!gone && first(gone) === null,
        url: location.href,
        title: document.title,
        ready: document.readyState !== "loading",
      };
    },

    check(sel) {
      document.createDocumentFragment().querySelector(sel);
      return true;
    },

    // snapshot copies the document into one without scripts, windows or loads,
    // and writes down there what a user would see in its fields.
    snapshot(limit) {
      const copy = document.implementation.createHTMLDocument("");
      const root = copy.importNode(document.documentElement, true);
      const fields = "input, textarea, select, option";
      const live = document.documentElement.querySelectorAll(fields);
      const dead = root.querySelectorAll(fields);
      live.forEach((el, i) => {
        if (secret(el)) {
          dead[i].removeAttribute("value");
        } else if (el.localName === "option") {
          if (el.selected) dead[i].setAttribute("data-nudged-selected", "");
        } else {
          dead[i].setAttribute("data-nudged-value", el.value);
          if (el.checked) dead[i].setAttribute("data-nudged-checked", "");
        }
      });
      const html = "<!DOCTYPE html>" + root.outerHTML;
      return { html: html.length > limit ? "" : html, url: location.href };
    },

    // point is where to click: the middle of the element, if a click there would
    // reach it. The caller looks twice, for elements that still move.
    point(sel) {
      const el = first(sel);
      if (!el) return { found: false };
      el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const r = el.getClientRects()[0];
      const x = r.left + r.width / 2, y = r.top + r.height / 2;
      const hit = document.elementFromPoint(x, y);
      return { found: true, disabled: disabled(el), x, y, free: hit !== null && (el.contains(hit) || hit.contains(el)) };
    },

    press(sel) { first(sel)?.click(); },

    // focus makes a field ready to be typed into, with its old text selected.
    focus(sel) {
      const el = first(sel);
      if (!el) return { found: false };
      if (el.matches(":disabled") || el.readOnly) return { found: true, disabled: true };
      el.scrollIntoView({ block: "center", behavior: "instant" });
      el.focus();
      if (el.select) el.select();
      return { found: true, disabled: false, choice: el.localName === "select", filled: (el.value ?? "") !== "", focused: el.matches(":focus") };
    },

    holds(sel, text) { return first(sel)?.value === text; },

    // put sets a field as a script would, with the events that forms listen to.
    put(sel, text) {
      const el = first(sel);
      if (!el) return false;
      if (el.localName === "select") {
        const option = Array.from(el.options).find((o) => o.value === text || o.text.trim() === text);
        if (!option) return false;
        option.selected = true;
        text = el.value;
      } else {
        el.value = text;
      }
      el.dispatchEvent(new Event("input", { bubbles: true }));
      el.dispatchEvent(new Event("change", { bubbles: true }));
      return el.value === text;
    },

    // watch counts changes of the document, for a click that leads nowhere else.
    watch() {
      globalThis.nudgedChanges = { count: 0, at: performance.now() };
      globalThis.nudgedObserver?.disconnect();
      globalThis.nudgedObserver = new MutationObserver((list) => {
        nudgedChanges.count += list.length;
        nudgedChanges.at = performance.now();
      });
      nudgedObserver.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    },

    changes() {
      const c = globalThis.nudgedChanges ?? { count: -1, at: 0 }; // -1: another document
      return { count: c.count, calm: performance.now() - c.at };
    },

    storage() { return Object.fromEntries(Object.entries(localStorage)); },

    store(items) {
      for (const [key, value] of Object.entries(items)) localStorage.setItem(key, value);
    },
  };
})();
