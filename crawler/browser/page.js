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

  // A field for a one-time code says so; some only by their name.
  const codeField = () => all("input").find((el) => shown(el) && !el.matches(":disabled, [readonly]") &&
    (/\bone-time-code\b/.test(el.autocomplete) || /(^|[_-])(otp|totp|2fa|mfa|one-?time|sms-?code)/i.test(el.name + " " + el.id))) ?? null;

  return {
    // state answers a wait: what is shown, and where.
    state(want, gone) {
      return {
        want: !!want && first(want) !== null,
        gone: !!gone && first(gone) === null,
        url: location.href,
        title: document.title,
        ready: document.readyState !== "loading",
        complete: document.readyState === "complete",
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

    // frame is an element, to be told which frame it holds.
    frame(sel) { return first(sel); },

    // fromFrame turns a point in a frame into one of this page.
    fromFrame(sel, x, y) {
      const el = first(sel);
      if (!el) return { x, y, free: false };
      const r = el.getBoundingClientRect(), style = getComputedStyle(el);
      x += r.left + el.clientLeft + parseFloat(style.paddingLeft);
      y += r.top + el.clientTop + parseFloat(style.paddingTop);
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
        el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        return { x, y, free: false };
      }
      return { x, y, free: document.elementFromPoint(x, y) === el };
    },

    // choose takes an option of a select, by its value or text.
    choose(sel, text) {
      const el = first(sel);
      if (!el) return { found: false };
      const select = el.localName === "select", disabled = el.matches(":disabled");
      if (!select || disabled) return { found: true, select, disabled };
      const options = Array.from(el.options).filter((o) => !o.disabled);
      const option = options.find((o) => o.text.trim() === text.trim()) ?? options.find((o) => o.value === text);
      if (!option) return { found: true, select, option: false };
      el.focus();
      option.selected = true;
      el.dispatchEvent(new Event("input", { bubbles: true }));
      el.dispatchEvent(new Event("change", { bubbles: true }));
      return { found: true, select, option: true };
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

    // content is a short sum of all that a page says: its texts, and the
    // attributes that are not about looks.
    content() {
      let a = 0xdeadbeef, b = 0x41c6ce57;
      const add = (s) => {
        for (let i = 0; i < s.length; i++) {
          const c = s.charCodeAt(i);
          a = Math.imul(a ^ c, 2654435761);
          b = Math.imul(b ^ c, 1597334677);
        }
      };
      add(location.href);
      const walk = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let n = walk.currentNode; n; n = walk.nextNode()) {
        if (n.nodeType === Node.TEXT_NODE) {
          if (n.data.trim()) add(n.data.trim());
        } else if (n.attributes && !n.matches("script, style, link, meta")) {
          for (const { name, value } of n.attributes) {
            if (!/^(class|style|tabindex|disabled|aria-.*|focus.*)$/.test(name)) add(name + "=" + value);
          }
          if (n.localName === "input" || n.localName === "select") add(n.value);
        }
      }
      return (a >>> 0).toString(36) + (b >>> 0).toString(36);
    },

    // scroll goes to the end of an element, of all around it, and of the page.
    // It steps back first: what is at its end already would not move.
    scroll(sel) {
      const el = first(sel);
      if (!el) return false;
      const end = (e) => {
        e.scrollTo({ top: e.scrollHeight - e.clientHeight - 40, behavior: "instant" });
        requestAnimationFrame(() => e.scrollTo({ top: e.scrollHeight, behavior: "instant" }));
      };
      for (let e = el; e; e = e.parentElement) {
        if (e.scrollHeight > e.clientHeight + 1) end(e);
      }
      if (document.scrollingElement) end(document.scrollingElement);
      return true;
    },

    // box is where an element is on the page.
    box(sel) {
      const el = first(sel);
      if (!el) return { found: false };
      const r = el.getBoundingClientRect();
      return { found: r.width >= 20 && r.height >= 20, x: r.left + scrollX, y: r.top + scrollY, width: r.width, height: r.height };
    },

    // front tells whether a person looks at this page: 2 with the focus.
    front() { return (document.visibilityState === "visible") + document.hasFocus(); },

    // codeField is what the page calls its empty field for a one-time code.
    codeField() {
      const el = codeField();
      if (!el || el.value !== "") return "";
      const label = el.labels?.[0]?.innerText || el.getAttribute("aria-label") || el.placeholder || el.name || document.title;
      return label.trim() || "one-time code";
    },

    focusCode() {
      const el = codeField();
      el?.focus();
      el?.select();
      return !!el && el.matches(":focus");
    },

    storage() { return Object.fromEntries(Object.entries(localStorage)); },

    store(items) {
      for (const [key, value] of Object.entries(items)) localStorage.setItem(key, value);
    },
  };
})();
