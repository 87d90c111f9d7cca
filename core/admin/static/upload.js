// Uploads with progress: several files at once, by choosing or dropping. Every form works without it.
"use strict";

(() => {
  // Two at a time: more would only make each slower.
  const AT_ONCE = 2;
  let running = 0;
  // A form that was sent while its files were still under way, and the button that sent it.
  let held = null;

  for (const zone of document.querySelectorAll("[data-upload][data-limit]")) {
    prepare(zone);
  }

  // A file that misses its place must not replace the page and what was typed there.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (carriesFiles(event)) {
        event.preventDefault();
      }
    });
  }

  // Nothing is saved without the files that were chosen for it.
  document.addEventListener("submit", (event) => {
    const zone = event.target.querySelector("[data-upload][data-limit]");
    if (running > 0 && zone) {
      event.preventDefault();
      event.stopImmediatePropagation();
      held = { form: event.target, submitter: event.submitter };
      zone.querySelector("[data-sent-all]").textContent = zone.querySelector("[data-words]").dataset.held;
    }
  }, { capture: true });

  function release() {
    if (held && running === 0) {
      const { form, submitter } = held;
      held = null;
      form.requestSubmit(submitter);
    }
  }

  window.addEventListener("beforeunload", (event) => {
    if (running > 0) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  function carriesFiles(event) {
    return event.dataTransfer !== null && [...event.dataTransfer.types].includes("Files");
  }

  function prepare(zone) {
    const words = zone.querySelector("[data-words]").dataset;
    const input = zone.querySelector("[data-upload-input]");
    const list = zone.querySelector("[data-sent]");
    const status = zone.querySelector("[data-sent-all]");
    const next = zone.querySelector("[data-sent-next]");
    const button = zone.querySelector("[data-upload-button]");
    const waiting = [];
    let all = 0;
    let done = 0;

    zone.querySelector("[data-drop-hint]").hidden = false;
    if (button) {
      button.hidden = true;
    }
    input.addEventListener("change", () => {
      add([...input.files]);
      input.value = "";
    });

    let depth = 0;
    zone.addEventListener("dragenter", (event) => {
      if (carriesFiles(event)) {
        depth += 1;
        zone.classList.add("dropping");
      }
    });
    zone.addEventListener("dragleave", () => {
      depth = Math.max(0, depth - 1);
      zone.classList.toggle("dropping", depth > 0);
    });
    zone.addEventListener("drop", (event) => {
      depth = 0;
      zone.classList.remove("dropping");
      if (carriesFiles(event)) {
        event.preventDefault();
        add([...event.dataTransfer.files]);
      }
    });

    function add(files) {
      for (const file of files) {
        all += 1;
        waiting.push(row(file));
      }
      go();
    }

    function go() {
      while (running < AT_ONCE && waiting.length > 0) {
        send(waiting.shift());
      }
      if (running === 0 && done > 0 && next) {
        next.hidden = false;
      }
      release();
    }

    function row(file) {
      const element = document.createElement("li");
      const thumb = document.createElement("span");
      thumb.className = "thumb";
      thumb.setAttribute("aria-hidden", "true");
      thumb.textContent = file.name.includes(".") ? file.name.split(".").pop().slice(0, 5).toUpperCase() : "";
      const name = span("name", file.name);
      const result = span("result", "");
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      const text = span("", words.waiting);
      result.append(bar, text);
      element.append(thumb, name, result);
      list.append(element);
      return { file, element, thumb, result, bar, text };
    }

    function send(sent) {
      running += 1;
      if (sent.file.size > Number(zone.dataset.limit)) {
        refuse(sent, words.large, false);
        return;
      }
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("file", sent.file);
      request.open("POST", zone.dataset.upload);
      request.setRequestHeader("X-CSRFToken", token(zone));
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      sent.text.textContent = words.uploading;
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) {
          sent.bar.value = event.loaded / event.total;
        }
      });
      request.upload.addEventListener("load", () => {
        sent.bar.removeAttribute("value");
        sent.text.textContent = words.checking;
      });
      request.addEventListener("load", () => {
        const answer = request.response;
        if (request.status === 201 && answer) {
          accept(sent, answer);
        } else {
          refuse(sent, (answer && answer.error) || words.lost, request.status !== 422);
        }
      });
      request.addEventListener("error", () => refuse(sent, words.lost, true));
      request.send(body);
    }

    function accept(sent, told) {
      running -= 1;
      done += 1;
      if (told.thumb) {
        const image = document.createElement("img");
        image.className = "thumb";
        image.alt = "";
        image.src = told.thumb;
        sent.thumb.replaceWith(image);
      }
      const text = told.known ? words.known.replace("{known}", told.name) : words.done;
      sent.result.replaceChildren(span("good", text));
      if (told.media_type.startsWith("image/") && !told.alt && !told.decorative) {
        const link = document.createElement("a");
        link.href = told.page;
        link.textContent = words.describe;
        sent.result.append(link);
      }
      count();
      const event = new CustomEvent("uploaded", { bubbles: true, cancelable: true, detail: told });
      if (!zone.dispatchEvent(event)) {
        sent.element.remove();
      }
      go();
    }

    function refuse(sent, message, again) {
      running -= 1;
      held = null;
      const text = message.startsWith(sent.file.name) ? message : `${words.failed}: ${message}`;
      sent.result.replaceChildren(span("failed", text));
      if (again) {
        const retry = document.createElement("button");
        retry.type = "button";
        retry.textContent = words.again;
        retry.addEventListener("click", () => {
          sent.element.remove();
          all -= 1;
          add([sent.file]);
        });
        sent.result.append(retry);
      }
      count();
      go();
    }

    function count() {
      status.textContent = words.all.replace("{done}", String(done)).replace("{all}", String(all));
    }
  }

  function span(name, text) {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    return element;
  }

  function token(zone) {
    const meta = document.querySelector("meta[name=csrf-token]");
    return meta ? meta.content : zone.closest("form").querySelector("[name=csrf_token]").value;
  }
})();
