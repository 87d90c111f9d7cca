// Pictures and files by drag and drop, by paste, and by button; each picture gets a text for those
// who do not see it.
"use strict";

(() => {
  const { ButtonView, FileDialogButtonView, FileRepository, IconPaperClip, IconTextAlternative, Notification, Plugin } = CKEditor5;
  const { addresses, dialog, element, text, tell } = DeskEditor;

  /** After CKEditor has put Word's pictures into the text (1000). */
  const UNPACKING = 950;
  const PICTURES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

  /** Sends one file to the library; returns what the server says of it, or throws a readable text. */
  async function send(file, signal) {
    const body = new FormData();
    body.append("file", file, file.name);
    let answer;
    try {
      answer = await fetch(addresses.upload, {
        method: "POST", body, signal, credentials: "same-origin",
        headers: { "X-CSRFToken": DeskEditor.token, Accept: "application/json" },
      });
    } catch (error) {
      throw error.name === "AbortError" ? error : text("uploadFailed", file.name);
    }
    const found = await answer.json().catch(() => ({}));
    if (answer.status !== 201 || !found.url) {
      throw found.error ? `${file.name}: ${found.error}` : text("uploadFailed", file.name);
    }
    return found;
  }

  class Adapter {
    constructor(loader) {
      this.loader = loader;
      this.stop = new AbortController();
    }

    async upload() {
      const stored = await send(await this.loader.file, this.stop.signal);
      return { default: stored.url, stored };
    }

    abort() {
      this.stop.abort();
    }
  }

  class Uploads extends Plugin {
    static get pluginName() { return "DeskUploads"; }

    static get requires() { return [FileRepository, Notification]; }

    init() {
      const { editor } = this;
      this.questions = Promise.resolve();
      editor.plugins.get(Notification).on("show:warning", (event, { message }) => {
        event.stop();
        tell(editor, message);
      });
      editor.plugins.get(FileRepository).createUploadAdapter = (loader) => new Adapter(loader);
      editor.editing.view.document.on("clipboardInput", (event, data) => this.take(event, data), { priority: "high" });
      editor.plugins.get("ClipboardPipeline").on("inputTransformation", (event, data) => this.unpack(data), { priority: UNPACKING });
      editor.ui.componentFactory.add("deskFile", (locale) => this.button(locale));
    }

    afterInit() {
      this.editor.conversion.for("editingDowncast").attributeToAttribute({
        model: { name: "imageBlock", key: "uploadStatus", values: ["reading", "uploading"] },
        view: Object.fromEntries(["reading", "uploading"].map((name) => [name, { key: "class", value: "editor-uploading" }])),
      });
      this.editor.plugins.get("ImageUploadEditing").on("uploadComplete", (event, { imageElement, data }) => {
        const { alt, decorative } = data.stored;
        if (alt || decorative) {
          // The library has this picture already, and says what it shows.
          this.editor.model.enqueueChange({ isUndoable: false }, (writer) => writer.setAttribute("alt", alt || "", imageElement));
        } else {
          this.questions = this.questions.then(() => DeskEditor.askText(this.editor, imageElement, data.stored.describe));
        }
      });
    }

    button(locale) {
      const view = new FileDialogButtonView(locale);
      view.set({ label: text("uploadFile"), icon: IconPaperClip, tooltip: true, allowMultipleFiles: true });
      view.bind("isEnabled").to(this.editor, "isReadOnly", (locked) => !locked);
      view.on("done", (event, files) => this.insert([...files], null));
      return view;
    }

    /** Files among what is dropped or pasted; text that comes with pictures of itself is text. */
    take(event, data) {
      const files = [...data.dataTransfer.files];
      if (!files.length || data.dataTransfer.getData("text/html")) {
        return;
      }
      event.stop();
      const { editor } = this;
      const range = data.targetRanges ? editor.editing.mapper.toModelRange(data.targetRanges[0]) : null;
      this.insert(files, range);
    }

    insert(files, range) {
      const { editor } = this;
      if (range) {
        editor.model.change((writer) => writer.setSelection(range));
      }
      const pictures = files.filter((file) => PICTURES.has(file.type));
      if (pictures.length) {
        editor.execute("uploadImage", { file: pictures });
      }
      for (const file of files.filter((one) => !PICTURES.has(one.type))) {
        this.link(file);
      }
    }

    /** Uploads a file and puts a link with its name where the caret was. */
    async link(file) {
      const { editor } = this;
      const name = `file:${CKEditor5.uid()}`;
      editor.model.change((writer) => writer.addMarker(name, {
        range: writer.createRange(editor.model.document.selection.getLastPosition()),
        usingOperation: false,
      }));
      const pending = editor.plugins.get("PendingActions").add(text("uploading", file.name));
      editor.ui.ariaLiveAnnouncer.announce(text("uploading", file.name));
      try {
        const stored = await send(file);
        editor.model.change((writer) => {
          const marker = editor.model.markers.get(name);
          const place = marker ? marker.getStart() : editor.model.document.selection.getLastPosition();
          const label = writer.createText(stored.name, { linkHref: stored.url });
          editor.model.insertContent(label, place);
        });
        editor.ui.ariaLiveAnnouncer.announce(text("uploaded", stored.name));
      } catch (problem) {
        tell(editor, String(problem));
      } finally {
        editor.plugins.get("PendingActions").remove(pending);
        editor.model.change((writer) => editor.model.markers.has(name) && writer.removeMarker(name));
      }
    }

    /** Pictures inside pasted text, as Word gives them, become files that are uploaded. */
    unpack(data) {
      const { editor } = this;
      const writer = new CKEditor5.ViewUpcastWriter(editor.editing.view.document);
      const repository = editor.plugins.get(FileRepository);
      for (const item of [...writer.createRangeIn(data.content).getItems()]) {
        const packed = item.is("element", "img") && /^data:(image\/(\w+));base64,(.+)$/s.exec(item.getAttribute("src") || "");
        if (!packed) {
          continue;
        }
        const bytes = Uint8Array.from(atob(packed[3].replace(/\s+/g, "")), (sign) => sign.charCodeAt(0));
        const loader = repository.createLoader(new File([bytes], `${text("picture")}.${packed[2]}`, { type: packed[1] }));
        writer.setAttribute("src", "", item);
        writer.setAttribute("uploadProcessed", "true", item);
        writer.setAttribute("uploadId", loader.id, item);
        writer.removeAttribute("alt", item);
      }
    }
  }

  /** Where the library is told what a picture shows, by the picture's address, while it does not know. */
  const undescribed = new Map();

  /** Tells the library what a text says of a picture; the text has it either way. */
  async function describe(editor, address, said) {
    const body = new FormData();
    body.append("alt", said);
    const answer = await fetch(address, {
      method: "POST", body, credentials: "same-origin",
      headers: { "X-CSRFToken": DeskEditor.token, Accept: "application/json" },
    }).catch(() => null);
    if (!answer || !answer.ok) {
      tell(editor, text("altNotKept"));
      return false;
    }
    return true;
  }

  /**
   * Asks what a picture shows; leaving the dialog leaves the picture as it is. `place` is where the
   * library is told, if nobody has described the picture there.
   */
  DeskEditor.askText = async (editor, image, place) => {
    const source = image.getAttribute("src") || "";
    if (place) {
      undescribed.set(source, place);
    }
    const present = image.getAttribute("alt");
    const places = [...editor.model.document.selection.getRanges()];
    const answer = await dialog(text("altTitle"), text("save"), (body, close) => {
      const field = element("input", { type: "text", id: "editor-alt", "aria-describedby": "editor-alt-help editor-alt-error", autocomplete: "off" });
      const error = element("p", { class: "error", id: "editor-alt-error", role: "alert" });
      const box = element("input", { type: "checkbox", id: "editor-decorative" });
      const shown = element("img", { class: "editor-dialog-picture", alt: "", src: source });
      const keep = element("input", { type: "checkbox", id: "editor-keep", checked: "" });
      field.value = present || "";
      box.checked = present === "";
      field.disabled = box.checked;
      keep.disabled = box.checked;
      box.addEventListener("change", () => {
        field.disabled = box.checked;
        // What decorates one text may tell something in another.
        keep.disabled = box.checked;
      });
      body.append(
        shown,
        element("label", { for: field.id, text: text("altLabel") }),
        element("p", { class: "help", id: "editor-alt-help", text: text("altHelp") }),
        error, field,
        element("p", { class: "flag" }, box, element("label", { for: box.id, text: text("decorative") })),
        ...undescribed.has(source) ? [element("p", { class: "flag" }, keep, element("label", { for: keep.id, text: text("keepAlt") }))] : [],
      );
      return () => {
        const said = field.value.trim().replace(/\s+/g, " ");
        if (!box.checked && !said) {
          error.textContent = text("altMissing");
          field.setAttribute("aria-invalid", "true");
          field.focus();
          return;
        }
        close({ said: box.checked ? "" : said, keep: keep.isConnected && keep.checked && !keep.disabled });
      };
    });
    DeskEditor.goBack(editor, places);
    if (answer === null) {
      return;
    }
    if (image.root.rootName !== "$graveyard") {
      editor.model.change((writer) => writer.setAttribute("alt", answer.said, image));
    }
    if (answer.keep && await describe(editor, undescribed.get(source), answer.said)) {
      undescribed.delete(source);
    }
  };

  class AlternativeText extends Plugin {
    static get pluginName() { return "DeskAlternativeText"; }

    init() {
      const { editor } = this;
      editor.ui.componentFactory.add("deskAlternativeText", (locale) => {
        const view = new ButtonView(locale);
        const command = editor.commands.get("imageTextAlternative");
        view.set({ label: text("altTitle"), icon: IconTextAlternative, tooltip: true });
        view.bind("isEnabled").to(command, "isEnabled");
        view.on("execute", () => {
          const image = editor.plugins.get("ImageUtils").getClosestSelectedImageElement(editor.model.document.selection);
          DeskEditor.askText(editor, image);
        });
        return view;
      });
    }
  }

  DeskEditor.plugins.push(CKEditor5.ImageTextAlternativeEditing, AlternativeText);
  if (addresses.upload) {
    // Not its bar of progress, which is drawn with styles.
    DeskEditor.plugins.push(CKEditor5.ImageUploadEditing, CKEditor5.ImageUploadUI, Uploads);
  }
})();
