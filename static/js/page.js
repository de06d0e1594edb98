// Questions asked in a dialog, rows picked in bulk, the panel beside a list, and forms kept over a sign-in.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const announce = (text) => { one("#announce").textContent = text; };

  // What htmx would ask by window.confirm is asked in our own dialog; so is what a plain form asks.
  const ask = (source, question, go) => {
    const dialog = one("#confirm"), ok = one("#confirm-ok");
    one("#confirm-title").textContent = source.dataset.confirmTitle || dialog.dataset.title;
    one("#confirm-text").textContent = question;
    ok.textContent = source.dataset.confirmOk || dialog.dataset.ok;
    ok.className = `btn ${source.dataset.confirmTone === "danger" ? "btn-danger" : "btn-primary"}`;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => { if (dialog.returnValue === "ok") go(); }, { once: true });
    dialog.showModal();
  };
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.elt, event.detail.question, () => event.detail.issueRequest(true));
  });
  document.addEventListener("submit", (event) => {
    const source = event.submitter?.dataset.confirm ? event.submitter : event.target;
    if (!source.dataset.confirm || event.target.dataset.asked || event.target.hasAttribute("hx-post")) return;
    event.preventDefault();
    ask(source, source.dataset.confirm, () => {
      event.target.dataset.asked = "yes";
      event.target.requestSubmit(event.submitter || undefined);
    });
  });

  // A second click of an impatient finger sends nothing.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "get" || event.submitter?.hasAttribute("data-download")) return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => all("form").forEach((form) => {
    delete form.dataset.sent;
    delete form.dataset.asked;
  }));

  // Picking rows.
  const picks = () => all('input[name="pick"]');
  const count = () => {
    const bar = one("#bulk"), head = one("[data-pick-all]");
    if (!bar) return;
    const picked = picks().filter((box) => box.checked).length;
    bar.hidden = !picked;
    one("[data-pick-count]").textContent = picked;
    if (head) { head.checked = picked && picked === picks().length; head.indeterminate = picked && picked < picks().length; }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) picks().forEach((box) => { box.checked = event.target.checked; });
    if (!event.target.matches('[data-pick-all], input[name="pick"]')) return;
    count();
    announce(one("[data-pick-count]").parentElement.textContent.trim());
  });

  // The panel beside a list: Escape closes it and the focus goes back to where it came from.
  let opener = null;
  const close = (link) => {
    one("#panel").replaceChildren();
    all("[aria-selected]").forEach((row) => row.removeAttribute("aria-selected"));
    history.pushState(null, "", link.href);
    opener?.focus();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pick-clear]")) { picks().forEach((box) => { box.checked = false; }); count(); }
    const link = event.target.closest("[data-close-panel]");
    if (link) { event.preventDefault(); close(link); }
  });
  document.addEventListener("keydown", (event) => {
    if (one("dialog[open]")) return;
    const link = one("#panel [data-close-panel]");
    if (event.key === "Escape" && link) close(link);
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = all("[data-open-row]");
    if (!rows.length || !["j", "k"].includes(event.key)) return;
    const here = rows.indexOf(document.activeElement.closest("tr")?.querySelector("[data-open-row]"));
    rows[Math.max(0, Math.min(rows.length - 1, here + (event.key === "j" ? 1 : -1)))].focus();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    count();
    if (event.target.id !== "panel") return;
    opener = document.activeElement;
    all("[aria-selected]").forEach((row) => row.removeAttribute("aria-selected"));
    opener?.closest("tr")?.setAttribute("aria-selected", "true");
    one("[data-autofocus]", event.target)?.focus({ preventScroll: true });
  });
  // A refused form comes back as 422 with what to put right: it is shown like any other answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", () => announce(document.body.dataset.failed));
  document.addEventListener("htmx:sendError", () => announce(document.body.dataset.failed));

  // What was typed outlives a sign-in in between; what is secret is never kept.
  const KEPT = "hms-typed";
  const typed = (form) => [...new FormData(form)].filter(([name, value]) =>
    typeof value === "string" && name !== "csrfmiddlewaretoken" && !one(`[name="${CSS.escape(name)}"][data-secret], [name="${CSS.escape(name)}"][type=password]`, form));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-keep]")) sessionStorage.setItem(KEPT, JSON.stringify([location.pathname, typed(event.target)]));
  });
  const restore = () => {
    const kept = sessionStorage.getItem(KEPT);
    if (!kept || one("[data-signing-in]")) return;
    sessionStorage.removeItem(KEPT);
    const [path, fields] = JSON.parse(kept), form = one("form[data-keep]");
    if (!form || path !== location.pathname || one('[role="alert"]')) return;
    fields.forEach(([name, value]) => all(`[name="${CSS.escape(name)}"]`, form).forEach((field) => {
      if (["radio", "checkbox"].includes(field.type)) field.checked = field.value === value;
      else if (field.type !== "hidden") field.value = value;
    }));
  };

  // The time left to the next cut-off.
  const left = () => all("[data-until]").forEach((node) => {
    const minutes = Math.max(0, Math.floor((Date.parse(node.dataset.until) - Date.parse(node.dataset.since) - performance.now()) / 60000));
    const hours = Math.floor(minutes / 60);
    node.textContent = hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  });
  setInterval(left, 15000);
  left();
  restore();
  count();
})();
