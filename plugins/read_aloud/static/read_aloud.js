// Reads the article around <div data-read-aloud="vi" hidden> where the device itself has a voice for it.
// It tells short pieces one by one: browsers lose long ones.
(() => {
  "use strict";

  const speech = window.speechSynthesis;
  const box = document.querySelector("[data-read-aloud]");
  if (!speech || !box) return;
  const { readAloud, start, pause, resume, ended } = box.dataset;
  const [toggle, stop, rate, status] = box.querySelectorAll("button,select,[role=status]");
  rate.style.width = "auto";
  const BLOCKS = "h1,h2,h3,h4,h5,h6,p,li,dt,dd,tr,caption,figcaption,div";
  const SILENT = "[hidden],[aria-hidden=true],.visually-hidden,script";
  let pieces = [], place = 0, turn = 0, speaking = false;

  // Voices that are not on the device send the text away.
  const voice = () => speech.getVoices()
    .find((v) => v.localService && v.lang.toLowerCase().startsWith(readAloud));

  // The heading, the summary and the text, block by block; of a table, row by row.
  const read = () => {
    const said = [];
    let last, cell;
    for (const part of box.closest("article").querySelectorAll("h1,.lead,.prose")) {
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { data, parentElement: holder } = texts.currentNode;
        if (holder.closest(SILENT)) continue;
        const block = holder.closest(BLOCKS), here = holder.closest("td,th");
        if (block === last) said.push(said.pop() + (here === cell ? "" : ", ") + data);
        else said.push(data);
        [last, cell] = [block, here];
      }
    }
    const tidy = (s) => s.replace(/\s+/g, " ").replace(/( ?, )+/g, ", ").replace(/^[, ]+|[, ]+$/g, "");
    return said.flatMap((s) => tidy(s).match(/.{1,200}?[.!?…](?= |$)|.{1,200}(?= |$)|\S+/g) || []);
  };

  const show = (message) => {
    toggle.textContent = speaking ? pause : place ? resume : start;
    for (const one of box.querySelectorAll("span")) one.hidden = !speaking && !place;
    status.textContent = message;
  };
  const silence = () => { turn++; speaking = false; speech.cancel(); };
  const end = (message) => { silence(); place = 0; show(message); };

  const say = () => {
    const mine = ++turn;
    speech.cancel();
    if (place >= pieces.length) return end(ended);
    const told = new SpeechSynthesisUtterance(pieces[place].trim());
    told.voice = voice();
    told.lang = told.voice?.lang || readAloud;
    told.rate = rate.value;
    told.onend = () => { if (mine === turn) { place++; say(); } };
    told.onerror = () => { if (mine === turn) end(""); };
    speech.speak(told);
  };

  toggle.onclick = () => {
    if (speaking) silence();
    else {
      if (!place) pieces = read();
      speaking = true;
      say();
    }
    show("");
  };
  stop.onclick = () => { end(""); toggle.focus(); };
  rate.onchange = () => { if (speaking) say(); };
  addEventListener("pagehide", () => end(""));

  const offer = () => { box.hidden = !voice(); };
  speech.addEventListener?.("voiceschanged", offer);
  offer();
})();
