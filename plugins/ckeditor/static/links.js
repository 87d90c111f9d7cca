// Links to entries of this site, chosen by title and kept by number: they lead there wherever the
// entry moves. And what lies in the library, put into the text.
"use strict";

(() => {
  const { ButtonView, IconBrowseFiles, IconDocument, Plugin } = CKEditor5;
  const { addresses, ask, choose, element, text } = DeskEditor;

  /** A button that opens a choice and puts what was chosen where the caret was. */
  function choosing(editor, name, label, icon, pick, insert) {
    editor.ui.componentFactory.add(name, (locale) => {
      const view = new ButtonView(locale);
      view.set({ label, icon, tooltip: true });
      view.bind("isEnabled").to(editor, "isReadOnly", (locked) => !locked);
      view.on("execute", async () => {
        const places = [...editor.model.document.selection.getRanges()];
        const chosen = await pick();
        DeskEditor.goBack(editor, places);
        if (chosen) {
          insert(chosen);
        }
      });
      return view;
    });
  }

  /** Selected words become the link; without any, the title is put in. */
  function link(editor, path, title) {
    const { selection } = editor.model.document;
    if (!selection.isCollapsed || selection.hasAttribute("linkHref")) {
      editor.execute("link", path);
      return;
    }
    editor.model.change((writer) => {
      const attributes = { ...Object.fromEntries(selection.getAttributes()), linkHref: path };
      editor.model.insertContent(writer.createText(title, attributes));
      writer.removeSelectionAttribute("linkHref");
    });
  }

  const summary = (...parts) => element("span", { class: "help", text: parts.filter(Boolean).join(" \u00b7 ") });

  class EntryLink extends Plugin {
    static get pluginName() { return "DeskEntryLink"; }

    init() {
      const { editor } = this;
      const find = async (words) => (await ask(addresses.links, { q: words })).items;
      const show = (item) => [element("strong", { text: item.title }), " ", summary(item.summary, item.type, item.state)];
      choosing(editor, "deskEntryLink", text("linkTitle"), IconDocument,
        () => choose(text("linkTitle"), text("linkSearch"), find, show),
        (item) => link(editor, item.path, item.title));
    }
  }

  class Library extends Plugin {
    static get pluginName() { return "DeskLibrary"; }

    init() {
      const { editor } = this;
      const find = async (words) => (await ask(addresses.library, { q: words, kind: "any" })).files;
      const show = (file) => [
        ...(file.thumb ? [element("img", { src: file.thumb, alt: "", loading: "lazy" })] : []),
        element("strong", { text: file.name }), " ", summary(file.alt),
      ];
      choosing(editor, "deskLibrary", text("libraryTitle"), IconBrowseFiles,
        () => choose(text("libraryTitle"), text("librarySearch"), find, show),
        (file) => this.insert(file));
    }

    /** A picture is put in, with the text the library has for it; of other files, a link. */
    insert(file) {
      const { editor } = this;
      if (!file.media_type.startsWith("image/")) {
        link(editor, file.url, file.name);
        return;
      }
      const picture = { src: file.url, ...(file.width ? { width: String(file.width), height: String(file.height) } : {}) };
      if (file.alt || file.decorative) {
        picture.alt = file.alt || "";
      }
      const image = editor.plugins.get("ImageUtils").insertImage(picture);
      if (image && !("alt" in picture)) {
        DeskEditor.askText(editor, image, file.describe);
      }
    }
  }

  if (addresses.links) {
    DeskEditor.plugins.push(EntryLink);
  }
  if (addresses.library) {
    DeskEditor.plugins.push(Library);
  }
})();
