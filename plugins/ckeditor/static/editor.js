// Puts the editor in the place of each text field for rich text, and keeps the field true to it: the
// field is what is sent, saved while writing, and guarded against leaving.
"use strict";

(() => {
  const { addresses, mended, plugins, prepared } = DeskEditor;
  /** Milliseconds between what is typed and the field that follows it. */
  const PAUSE = 200;
  /** What a typed address without a protocol gets. */
  const SECURE = "https:";

  const TOOLBAR = [
    "undo", "redo", "|", "heading", "|", "bold", "italic", "underline", "|",
    "link", "deskEntryLink", "|", "uploadImage", "deskFile", "deskLibrary", "insertTable", "|",
    "bulletedList", "numberedList", "outdent", "indent", "|", "blockQuote", "horizontalLine",
    "strikethrough", "subscript", "superscript", "removeFormat", "|", "findAndReplace", "accessibilityHelp",
  ];

  const heading = (rank, also) => ({
    model: `heading${rank}`, title: `Heading ${rank}`, class: `ck-heading_heading${rank}`,
    view: `h${rank}`, upcastAlso: also,
  });

  function settings(field, label) {
    const known = new Set([...addresses.upload ? ["uploadImage", "deskFile"] : [], ...addresses.links ? ["deskEntryLink"] : [], ...addresses.library ? ["deskLibrary"] : []]);
    const offered = TOOLBAR.filter((name) => !/^(?:desk|upload)/.test(name) || known.has(name));
    const parts = CKEditor5;
    return {
      attachTo: field,
      root: { initialData: prepared(field.value), label },
      licenseKey: "GPL",
      language: { ui: addresses.language, content: field.lang || addresses.contentLanguage },
      translations: [...CKEditor5.translations, { [addresses.language]: { dictionary: mended } }],
      plugins: [
        parts.Essentials, parts.Paragraph, parts.Heading, parts.Bold, parts.Italic, parts.Underline,
        parts.Strikethrough, parts.Subscript, parts.Superscript, parts.RemoveFormat, parts.List,
        parts.ListProperties, parts.Indent, parts.BlockQuote, parts.Link, parts.HorizontalLine,
        parts.Table, parts.TableToolbar, parts.TableCaption, parts.PlainTableOutput,
        parts.ImageBlock, parts.ImageCaption, parts.ImageToolbar, parts.PasteFromOffice,
        parts.FindAndReplace, ...plugins,
      ],
      toolbar: { items: offered, shouldNotGroupWhenFull: false },
      heading: {
        options: [
          { model: "paragraph", title: "Paragraph", class: "ck-heading_paragraph" },
          heading(2, ["h1"]), heading(3, []), heading(4, ["h5", "h6"]),
        ],
      },
      link: { defaultProtocol: `${SECURE}//`, allowedProtocols: ["https?", "mailto", "tel"] },
      list: { properties: { styles: { listTypes: ["numbered"], useAttribute: true }, startIndex: true, reversed: false } },
      table: {
        contentToolbar: ["tableRow", "tableColumn", "mergeTableCells", "toggleTableCaption"],
        defaultHeadings: { rows: 1 },
        tableCaption: { useCaptionElement: true },
      },
      image: { toolbar: ["deskAlternativeText", "toggleImageCaption"], upload: { types: ["jpeg", "png", "gif", "webp"] } },
    };
  }

  async function replace(field) {
    const label = field.labels[0];
    const editor = await CKEditor5.ClassicEditor.create(settings(field, label ? label.textContent.trim() : field.name));
    editor.ui.view.element.classList.add("desk-editor");
    describe(editor, field);
    follow(editor, field);
    lead(editor, field, label);
    letOut(editor);
    showDialogs(editor);
  }

  /** The help and the errors of the field are those of the editor. */
  function describe(editor, field) {
    editor.editing.view.change((writer) => {
      const root = editor.editing.view.document.getRoot();
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (field.hasAttribute(name)) {
          writer.setAttribute(name, field.getAttribute(name), root);
        }
      }
    });
  }

  /** The field takes over every change, and the editor what others write into the field. */
  function follow(editor, field) {
    let waiting = 0;
    let last = field.value;
    const write = () => {
      clearTimeout(waiting);
      waiting = 0;
      const data = editor.getData({ skipListItemIds: true });
      if (data !== last) {
        last = data;
        field.value = data;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    };
    const flush = () => waiting && write();
    editor.model.document.on("change:data", () => {
      DeskEditor.hush(editor);
      clearTimeout(waiting);
      waiting = setTimeout(write, PAUSE);
    });
    editor.ui.focusTracker.on("change:isFocused", (event, name, focused) => focused || flush());
    // Before anybody else looks at the field.
    document.addEventListener("submit", flush, { capture: true });
    document.addEventListener("visibilitychange", flush, { capture: true });
    window.addEventListener("beforeunload", flush, { capture: true });
    field.addEventListener("change", () => {
      if (field.value !== last) {
        last = field.value;
        editor.setData(prepared(last));
        clearTimeout(waiting);
        waiting = 0;
      }
    });
  }

  /** The label, the list of errors and links to the field lead into the editor. */
  function lead(editor, field, label) {
    const enter = () => {
      editor.ui.view.element.scrollIntoView({ block: "nearest" });
      editor.editing.view.focus();
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest && event.target.closest(`a[href="#${CSS.escape(field.id)}"]`);
      if (link || (label && label.contains(event.target))) {
        event.preventDefault();
        enter();
      }
    });
    field.addEventListener("focus", enter);
  }

  /**
   * In the last cell the tabulator leaves the text instead of adding a row for ever: nobody who
   * works with the keyboard may be caught in a table (WCAG 2.1.2).
   */
  function letOut(editor) {
    const tables = editor.plugins.get("TableUtils");
    editor.editing.view.document.on("tab", (event, data) => {
      const [cell] = tables.getTableCellsContainingSelection(editor.model.document.selection);
      if (data.shiftKey || !cell || cell.nextSibling || !isLastRow(tables, cell.parent)) {
        return;
      }
      event.stop();
    }, { context: ["td", "th"], priority: "high" });
  }

  function isLastRow(tables, row) {
    return row.index === tables.getRows(row.parent) - 1;
  }

  /** CKEditor's own dialogs appear where they are seen; a long one scrolls with the arrow keys. */
  function showDialogs(editor) {
    const dialog = editor.plugins.get("Dialog");
    dialog.on("show", () => editor.ui.view.element.scrollIntoView({ block: "center" }), { priority: "high" });
    dialog.on("show:accessibilityHelp", () => {
      const help = editor.plugins.get("AccessibilityHelp").contentView;
      help.element.tabIndex = 0;
    }, { priority: "lowest" });
  }

  for (const field of document.querySelectorAll("textarea[data-rich-text]")) {
    replace(field).catch((error) => {
      // The plain field stays; it can do all the editor can.
      console.error(error);
    });
  }
})();
