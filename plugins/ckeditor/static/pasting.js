// What is pasted from Word and from other pages, made plain before the editor reads it: headings,
// lists and tables stay, styles go. The server does the same to what comes without this script.
"use strict";

(() => {
  const { Plugin } = CKEditor5;
  // The policy of the desk blocks styles, and the browser says so for each one that is parsed; so
  // they are parsed under another name.
  const STYLE = "data-pasted-style";
  const BLOCKS = "p,h1,h2,h3,h4,h5,h6,ul,ol,table,blockquote,figure,div,hr";
  /** Between what CKEditor does with Word's text (1000) and what it does with all others (0). */
  const AFTER_UPLOADS = 900;

  /** Returns pasted HTML as the site would store it, as far as the editor cannot see to it itself. */
  function plain(html) {
    const bare = html
      .replace(/<!--[\s\S]*?-->|<!\[[^\]>]*\]>/g, "")
      .replace(/<(style|xml|script|title)\b[\s\S]*?<\/\1\s*>/gi, "")
      .replace(/\sstyle(\s*=\s*["'])/gi, ` ${STYLE}$1`);
    const { body } = new DOMParser().parseFromString(bare, "text/html");
    for (const odd of body.querySelectorAll("o\\:p, st1\\:place, a:not([href]), a[href^='#']")) {
      odd.replaceWith(...odd.childNodes);
    }
    makeLists(body);
    lowerHeadings(body);
    keepFormats(body);
    headTables(body);
    shortenAddresses(body);
    reduceSpaces(body);
    return body.innerHTML;
  }

  const styleOf = (element) => element.getAttribute(STYLE) || "";

  function renamed(element, tag) {
    const other = document.createElement(tag);
    other.append(...element.childNodes);
    element.replaceWith(other);
    return other;
  }

  // -- lists ------------------------------------------------------------------------------------

  const COUNTED = /^\(?(\d{1,6}|[a-z]|[A-Z]|[ivxlc]{1,8}|[IVXLC]{1,8})[.)]?$/;
  // Signs, or letters of the fonts Symbol and Wingdings; a lone "o" is Word's hollow bullet.
  const BULLET = /^(?:[^\p{L}\p{N}_\s]{1,2}|[ov§ØüÜwqlun·])$/u;
  const ROMAN = { i: 1, v: 5, x: 10, l: 50, c: 100 };

  /** Paragraphs that Word counts become lists; a number no list could count, "Điều 1.", is text. */
  function makeLists(body) {
    let opened = [];
    let last = null;
    for (const paragraph of body.querySelectorAll("p,h1,h2,h3,h4,h5,h6")) {
      const marker = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(styleOf(span)));
      if (!marker) {
        continue;
      }
      const number = marker.textContent.replace(/[\s\u00a0]+/g, " ").trim();
      const listed = /mso-list:\s*(l\d+)\s+level(\d+)/i.exec(styleOf(paragraph));
      const bullet = !number || BULLET.test(number);
      if (!listed || paragraph.tagName !== "P" || !(bullet || COUNTED.test(number))) {
        marker.replaceWith(number ? `${number} ` : "");
        continue;
      }
      marker.remove();
      if (!last || follows(last) !== paragraph) {
        opened = [];
      }
      const [, id, level] = listed;
      const entry = { id, level: Number(level), sign: bullet ? "" : COUNTED.exec(number)[1] };
      last = put(opened, entry, paragraph);
    }
  }

  /** Returns the element after a list, which is the next paragraph while the list goes on. */
  const follows = (outermost) => outermost.nextElementSibling;

  /** Puts a paragraph into the list it belongs to; returns the outermost list. */
  function put(opened, { id, level, sign }, paragraph) {
    while (opened.length && opened.at(-1).level > level) {
      opened.pop();
    }
    const tag = sign ? "OL" : "UL";
    const same = opened.at(-1);
    if (same && same.level === level && (same.id !== id || same.list.tagName !== tag)) {
      opened.pop();
    }
    if (!opened.length || opened.at(-1).level < level) {
      const list = document.createElement(tag);
      count(list, sign);
      if (opened.length) {
        opened.at(-1).list.lastElementChild.append(list);
      } else {
        paragraph.before(list);
      }
      opened.push({ id, level, list });
    }
    const item = document.createElement("li");
    item.append(...paragraph.childNodes);
    opened.at(-1).list.append(item);
    paragraph.remove();
    return opened[0].list;
  }

  /** Gives a list the kind and the beginning of its numbers. */
  function count(list, sign) {
    if (!sign) {
      return;
    }
    const low = sign.toLowerCase();
    const upper = sign !== low;
    let [type, value] = ["", Number(sign)];
    if (/[a-z]/.test(low)) {
      const roman = low.length > 1 || low === "i";
      type = roman ? "i" : "a";
      value = roman
        ? [...low].reduce((sum, one, at) => sum + (ROMAN[one] < (ROMAN[low[at + 1]] || 0) ? -1 : 1) * ROMAN[one], 0)
        : low.charCodeAt(0) - "a".charCodeAt(0) + 1;
    }
    if (type) {
      list.setAttribute("type", upper ? type.toUpperCase() : type);
    }
    if (value > 1) {
      list.setAttribute("start", String(value));
    }
  }

  // -- headings, formats, addresses, spaces -----------------------------------------------------

  /** A text with a heading of the first rank, which is the page's own, moves all down by one. */
  function lowerHeadings(body) {
    const shift = body.querySelector("h1") ? 1 : 0;
    for (const heading of body.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
      const lower = renamed(heading, `h${Math.min(4, Number(heading.tagName[1]) + shift)}`);
      // A heading is bold by itself.
      lower.querySelectorAll("b, strong").forEach((bold) => bold.replaceWith(...bold.childNodes));
    }
  }

  const FORMATS = [
    [/(?:^|;)\s*font-weight:\s*(?:bold|[6-9]00)\b/i, "strong"],
    [/(?:^|;)\s*font-style:\s*italic\b/i, "em"],
    [/(?:^|;)\s*text-decoration[^:;]*:[^;]*\bunderline\b/i, "u"],
    [/(?:^|;)\s*text-decoration[^:;]*:[^;]*\bline-through\b/i, "s"],
  ];

  /** Bold and italic that stand in a style become elements; nothing else of a style stays. */
  function keepFormats(body) {
    for (const element of body.querySelectorAll(`[${STYLE}]`)) {
      const style = styleOf(element);
      element.removeAttribute(STYLE);
      if (/^(?:B|I)$/.test(element.tagName) && /(?:^|;)\s*font-(?:weight|style):\s*normal\b/i.test(style)) {
        element.replaceWith(...element.childNodes);
      } else if (element.tagName === "SPAN" && !element.querySelector(BLOCKS) && !element.closest("a,h2,h3,h4")) {
        for (const [pattern, tag] of FORMATS.filter(([pattern]) => pattern.test(style))) {
          const format = document.createElement(tag);
          format.append(...element.childNodes);
          element.append(format);
        }
      }
    }
  }

  /** Rows at the top of a table that are bold throughout are its header; the toolbar takes that back. */
  function headTables(body) {
    for (const table of body.querySelectorAll("table")) {
      const rows = [...table.rows];
      const top = rows.length ? [...rows[0].cells] : [];
      const depth = Math.max(1, ...top.map((cell) => cell.rowSpan));
      const head = rows.slice(0, depth);
      if (table.querySelector("th") || rows.length <= depth || !top.length || !head.every(isBold)) {
        continue;
      }
      for (const cell of head.flatMap((row) => [...row.cells])) {
        const header = document.createElement("th");
        for (const name of ["colspan", "rowspan"].filter((one) => cell.hasAttribute(one))) {
          header.setAttribute(name, cell.getAttribute(name));
        }
        header.append(...cell.childNodes);
        header.querySelectorAll(BOLD).forEach((bold) => bold.replaceWith(...bold.childNodes));
        cell.replaceWith(header);
      }
      table.createTHead().append(...head);
    }
  }

  const BOLD = "b, strong";

  /** Says whether a row has words, all of them bold. */
  function isBold(row) {
    const rest = row.cloneNode(true);
    rest.querySelectorAll(BOLD).forEach((bold) => bold.remove());
    return row.textContent.trim() !== "" && rest.textContent.trim() === "";
  }

  /** What leads to this very site, as browsers copy it, leads there without naming the site. */
  function shortenAddresses(body) {
    const own = `${window.location.origin}/`;
    for (const [tag, name] of [["a", "href"], ["img", "src"]]) {
      for (const one of body.querySelectorAll(`${tag}[${name}]`)) {
        const address = one.getAttribute(name);
        if (address.startsWith(own)) {
          one.setAttribute(name, address.slice(own.length - 1));
        }
      }
    }
  }

  /** Word spaces text with signs; one space is enough, and an empty paragraph is no space. */
  function reduceSpaces(body) {
    body.querySelectorAll("span, font").forEach((span) => span.replaceWith(...span.childNodes));
    body.normalize();
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const between = [];
    while (walker.nextNode()) {
      const text = walker.currentNode;
      text.data = text.data.replaceAll(` ${STYLE}=`, " style=").replace(/[\s\u00a0]{2,}|[\t\n\r\f]/g, " ");
      if (!text.data.trim() && text.parentElement.matches("body,table,thead,tbody,tfoot,tr,ul,ol,blockquote,figure,div")) {
        between.push(text);
      }
    }
    between.forEach((text) => text.remove());
    for (const paragraph of body.querySelectorAll("p,h2,h3,h4,li")) {
      if (!paragraph.querySelector("img,table,hr") && !paragraph.textContent.trim() && paragraph.parentElement.childElementCount > 1) {
        paragraph.remove();
      }
    }
    for (const line of body.querySelectorAll("p,h2,h3,h4,li,td,th")) {
      trim(line, "firstChild", /^[\s\u00a0]+/);
      trim(line, "lastChild", /[\s\u00a0]+$/);
    }
  }

  function trim(line, side, spaces) {
    let end = line;
    while (end[side]) {
      end = end[side];
    }
    if (end.nodeType === Node.TEXT_NODE) {
      end.data = end.data.replace(spaces, "");
    }
  }

  class PastedText extends Plugin {
    static get pluginName() { return "DeskPastedText"; }

    init() {
      const { editor } = this;
      editor.editing.view.document.on("clipboardInput", (event, data) => {
        const own = data.dataTransfer.getData("application/ckeditor5-editor-id");
        if (!own && typeof data.content === "string" && data.dataTransfer.getData("text/html")) {
          data.content = plain(data.content);
        }
      });
      editor.plugins.get("ClipboardPipeline").on("inputTransformation", (event, data) => {
        this.leaveOut(data.content);
      }, { priority: AFTER_UPLOADS });
    }

    /** Pictures of other sites would not be shown: pages load nothing from elsewhere. */
    leaveOut(content) {
      const { editor } = this;
      const writer = new CKEditor5.ViewUpcastWriter(editor.editing.view.document);
      const lost = [...writer.createRangeIn(content).getItems()].filter((item) => item.is("element", "img")
        && !item.hasAttribute("uploadId") && !/^\/tep\//.test(item.getAttribute("src") || ""));
      lost.forEach((image) => writer.remove(image));
      if (lost.length) {
        DeskEditor.tell(editor, DeskEditor.text("picturesLost"));
      }
    }
  }

  DeskEditor.plugins.push(PastedText);
})();
