// The form in which editors write: what is typed is kept on the server, others are seen, keys help.
// Without this script the form works as well; only what is typed is not kept before it is saved.
"use strict";

(() => {
  const form = document.getElementById("writing");
  if (!form) {
    return;
  }
  const settings = form.dataset;
  const region = (id) => document.getElementById(id);
  const RETRY_MS = 5000;
  // Browsers send no more than 64 KiB after a page is gone.
  const LAST_WORDS = 60000;

  // -- what is unsaved, and leaving ---------------------------------------------------------------

  let unsaved = settings.unsaved === "true";
  // When the first change was made that the server has not kept yet; 0: there is none.
  let changedAt = unsaved ? Date.now() : 0;
  // The form itself is being sent: whatever comes next is the server's answer to it.
  let sending = false;

  function noteChange() {
    unsaved = true;
    changedAt = changedAt || Date.now();
    if (!region("kept").textContent) {
      region("kept").textContent = region("kept").dataset.unsaved;
    }
  }

  form.addEventListener("input", noteChange);
  form.addEventListener("change", noteChange);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || sending) {
      // Pressed twice: the first one is under way.
      event.preventDefault();
      return;
    }
    sending = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !sending) {
      event.preventDefault();
      event.returnValue = settings.guarded;
    }
  });

  // -- keeping what is typed ----------------------------------------------------------------------

  // Counts the messages of this page, from the number the server gave; null before it did.
  let sequence = null;
  let busy = false;
  let stopped = false;
  let signedOut = false;
  let toldAt = 0;
  let notBefore = 0;

  function message(whole) {
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      const wanted = whole || name === "form-key" || name === "expected-version";
      if (wanted && typeof value === "string" && name !== "csrf_token") {
        body.append(name, value);
      }
    }
    body.append("form-item", settings.item);
    body.append("form-sequence", sequence === null ? "" : String(++sequence));
    return body;
  }

  function size(body) {
    let sum = 0;
    for (const [name, value] of body) {
      sum += 200 + 3 * (name.length + value.length);
    }
    return sum;
  }

  function post(address, body, last) {
    const token = document.querySelector("meta[name=csrf-token]").content;
    return fetch(address, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      credentials: "same-origin",
      redirect: "manual",
      keepalive: last && size(body) < LAST_WORDS,
    });
  }

  async function send(address, body, last = false) {
    busy = true;
    try {
      const response = await post(address, body, last);
      if (response.status === 204) {
        return true;
      }
      if (response.type === "opaqueredirect" || response.status === 400) {
        // Signed out, or in again since: the token of this page is that of another session.
        signedOut = true;
        complain(settings.signedOut);
        return false;
      }
      if (response.ok) {
        take(await response.json());
        return true;
      }
      // A page instead of a message is not from the platform but from something before it.
      const isMessage = (response.headers.get("Content-Type") || "").includes("json");
      const refusal = isMessage ? await response.json() : null;
      stopped = response.status === 409 || response.status === 410;
      complain((refusal && refusal.told) || settings.lost);
      if (response.status === 413) {
        notBefore = Date.now() + 12 * RETRY_MS;
      }
    } catch (error) {
      if (!sending) {
        complain(settings.lost);
      }
    } finally {
      busy = false;
      toldAt = Date.now();
    }
    return false;
  }

  function take(answer) {
    if (sequence === null) {
      sequence = answer.sequence;
    }
    complain("");
    if (answer.kept) {
      region("kept").textContent = answer.kept;
    }
    if (answer.findings !== undefined && region("findings")) {
      region("findings").innerHTML = answer.findings;
    }
    tell(region("presence"), answer.others, "");
    tell(region("newer"), answer.newer ? [answer.newer] : [], "notice problem");
  }

  function tell(place, lines, look) {
    const now = [...place.children].map((line) => line.textContent);
    if (now.join("\n") === lines.join("\n")) {
      return;
    }
    place.replaceChildren(...lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.className = look;
      paragraph.textContent = line;
      return paragraph;
    }));
  }

  function complain(sentence) {
    if (region("not-kept").textContent !== sentence) {
      region("not-kept").textContent = sentence;
    }
    if (sentence) {
      notBefore = Date.now() + RETRY_MS;
    }
  }

  async function keep(last = false) {
    const since = changedAt;
    changedAt = 0;
    if (!(await send(settings.autosave, message(true), last))) {
      changedAt = changedAt || since;
    }
  }

  // After signing in again in another window this page needs the token of that session.
  async function renew() {
    busy = true;
    try {
      const page = await fetch(window.location.href, { credentials: "same-origin", redirect: "manual" });
      if (page.ok) {
        const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
        const token = fresh.querySelector("meta[name=csrf-token]").content;
        document.querySelector("meta[name=csrf-token]").content = token;
        for (const field of document.querySelectorAll("input[name=csrf_token]")) {
          field.value = token;
        }
        signedOut = false;
        complain("");
      }
    } catch (error) {
      // Tried again later.
    } finally {
      busy = false;
      notBefore = Date.now() + RETRY_MS;
    }
  }

  function look() {
    const now = Date.now();
    if (busy || stopped || sending || now < notBefore) {
      return;
    }
    if (signedOut) {
      renew();
    } else if (sequence === null) {
      send(settings.presence, message(false));
    } else if (changedAt && now - changedAt >= 1000 * Number(settings.autosaveSeconds)) {
      keep();
    } else if (now - toldAt >= 1000 * Number(settings.presenceSeconds)) {
      send(settings.presence, message(false));
    }
  }

  look();
  window.setInterval(look, 1000);

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changedAt && sequence !== null && !stopped && !sending) {
      keep(true);
    }
  });
  window.addEventListener("pagehide", () => {
    if (sequence === null || stopped || sending || signedOut) {
      return;
    }
    if (changedAt) {
      keep(true);
    } else {
      const body = message(false);
      body.append("form-leaving", "1");
      post(settings.presence, body, true).catch(() => {});
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      sending = false;
      sequence = null;
    }
  });

  // -- keys ---------------------------------------------------------------------------------------

  const help = region("shortcuts");
  const singleKeys = region("single-keys");
  const REMEMBERED = "desk-single-keys";

  function remembered() {
    try {
      return window.localStorage.getItem(REMEMBERED);
    } catch (error) {
      return null;
    }
  }

  region("shortcuts-button").hidden = false;
  region("shortcuts-button").addEventListener("click", () => help.showModal());
  singleKeys.checked = remembered() !== "off";
  singleKeys.addEventListener("change", () => {
    try {
      window.localStorage.setItem(REMEMBERED, singleKeys.checked ? "on" : "off");
    } catch (error) {
      // The choice holds for this page only.
    }
  });

  function isTyping(element) {
    return element.isContentEditable || element.matches("input, select, textarea");
  }

  const presses = [
    [(event) => command(event) && event.key.toLowerCase() === "s", () => form.requestSubmit(region("save-button"))],
    [(event) => command(event) && event.key === "Enter", () => {
      const finish = region("finish-button");
      if (finish) {
        form.requestSubmit(finish);
      }
    }],
    [(event) => event.altKey && event.shiftKey && event.code === "KeyP", () => {
      const preview = region("preview-link");
      if (preview) {
        window.open(preview.href, "_blank");
      }
    }],
    [(event) => event.key === "?" && singleKeys.checked && !isTyping(event.target), () => help.showModal()],
  ];

  function command(event) {
    return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  }

  document.addEventListener("keydown", (event) => {
    if (help.open || event.isComposing) {
      return;
    }
    const pressed = presses.find(([matches]) => matches(event));
    if (pressed) {
      event.preventDefault();
      pressed[1]();
    }
  });
})();
