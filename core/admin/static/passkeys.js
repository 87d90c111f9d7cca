// Passkeys: the browser makes one or signs with one, and the form carries its answer.
"use strict";

(() => {
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const readKeys = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const make = async (asked) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: readKeys(asked.excludeCredentials),
      },
    });
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        attestationObject: text(made.response.attestationObject),
        clientDataJSON: text(made.response.clientDataJSON),
      },
    };
  };

  const use = async (asked) => {
    const used = await navigator.credentials.get({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        allowCredentials: readKeys(asked.allowCredentials),
      },
    });
    return {
      id: used.id,
      rawId: text(used.rawId),
      type: used.type,
      response: {
        authenticatorData: text(used.response.authenticatorData),
        clientDataJSON: text(used.response.clientDataJSON),
        signature: text(used.response.signature),
        userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
      },
    };
  };

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const button = form.querySelector("[data-passkey-button]");
    const told = form.querySelector("[data-passkey-told]");
    const tell = (words) => {
      told.hidden = !words;
      told.textContent = words;
    };
    if (!window.PublicKeyCredential) {
      tell(form.dataset.none);
      continue;
    }
    button.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      tell("");
      button.disabled = true;
      try {
        const token = new FormData(form).get("csrf_token");
        const answer = await fetch(form.dataset.ask, {
          method: "POST",
          credentials: "same-origin",
          headers: { "X-CSRFToken": token, Accept: "application/json" },
        });
        if (!answer.ok || answer.redirected) {
          throw new Error(String(answer.status));
        }
        const asked = await answer.json();
        const found = await (form.dataset.passkey === "make" ? make(asked) : use(asked));
        form.elements.passkey.value = JSON.stringify(found);
        form.submit();
      } catch {
        tell(form.dataset.failed);
        button.disabled = false;
      }
    });
  }
})();
