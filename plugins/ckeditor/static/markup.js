// The editor's markup and the site's, made to agree: what the site stores survives the editor.
"use strict";

(() => {
  const { Plugin } = CKEditor5;

  /** Returns stored HTML as the editor reads it: it knows a picture's frame by its class. */
  DeskEditor.prepared = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const figure of page.querySelectorAll("figure")) {
      figure.classList.add(figure.querySelector("img") ? "image" : "table");
    }
    return page.body.innerHTML;
  };

  /** Abbreviations and the titles of links, which no part of the editor makes, survive it. */
  class KeptMarkup extends Plugin {
    static get pluginName() { return "DeskKeptMarkup"; }

    init() {
      const { conversion } = this.editor;
      this.keep("deskAbbreviation", "abbr");
      conversion.for("upcast").elementToAttribute({
        view: { name: "abbr", attributes: { title: /.+/ } },
        model: { key: "deskAbbreviation", value: (element) => element.getAttribute("title") },
      });
      this.keep("deskLinkTitle", "a");
      conversion.for("upcast").attributeToAttribute({ view: { name: "a", key: "title" }, model: "deskLinkTitle" });
    }

    keep(model, tag) {
      const { conversion, model: { schema } } = this.editor;
      schema.extend("$text", { allowAttributes: model });
      schema.setAttributeProperties(model, { isFormatting: true, copyOnEnter: true });
      conversion.for("downcast").attributeToElement({
        model,
        // As CKEditor makes its links, so that both become one element.
        view: (title, { writer }) => title && writer.createAttributeElement(tag, { title }, { priority: 5 }),
      });
    }
  }

  /** The size of a picture is two attributes; CKEditor would add a style, which the policy blocks. */
  class PlainPictures extends Plugin {
    static get pluginName() { return "DeskPlainPictures"; }

    static get requires() { return [CKEditor5.ImageBlock]; }

    init() {
      const { conversion, plugins } = this.editor;
      const utils = plugins.get("ImageUtils");
      const written = (event, { item, attributeKey, attributeNewValue: value }, { consumable, mapper, writer }) => {
        if (consumable.consume(item, event.name)) {
          const picture = utils.findViewImgElement(mapper.toViewElement(item));
          if (value === null) {
            writer.removeAttribute(attributeKey, picture);
          } else {
            writer.setAttribute(attributeKey, value, picture);
          }
        }
      };
      conversion.for("downcast").add((dispatcher) => {
        dispatcher.on("attribute:width:imageBlock", written, { priority: "high" });
        dispatcher.on("attribute:height:imageBlock", written, { priority: "high" });
      });
    }
  }

  DeskEditor.plugins.push(KeptMarkup, PlainPictures);
})();
