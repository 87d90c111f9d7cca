/* Forms of visitors: while somebody writes, find the number by which the server knows that a
   browser took the trouble. SHA-256 of "<word>.<number>" must begin with `data-bits` zero bits.
   Word and number fit in one block, of whose digest the first 32 bits are enough. */
(() => {
  "use strict";

  const SLICE = 12;
  const isPrime = (n) => { for (let d = 2; d * d <= n; d++) if (n % d === 0) return false; return true; };
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (isPrime(n)) primes.push(n);
  const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const H = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const w = new Int32Array(64);

  /* Return the first 32 bits of the digest of the block that lies in w[0] to w[15]. */
  function digest() {
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (a + H[0]) | 0;
  }

  function find(word, bits, done) {
    const bytes = new Uint8Array(64), view = new DataView(bytes.buffer);
    let number = 0;
    [...`${word}.`].forEach((sign, i) => { bytes[i] = sign.charCodeAt(0); });

    function fits() {
      const digits = String(number), start = word.length + 1;
      for (let i = 0; i < digits.length; i++) bytes[start + i] = digits.charCodeAt(i);
      bytes[start + digits.length] = 0x80;
      view.setUint32(60, (start + digits.length) * 8);
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(i * 4);
      return digest() >>> (32 - bits) === 0;
    }

    // A slice at a time: whoever writes notices nothing.
    function reckon() {
      const until = performance.now() + SLICE;
      do {
        for (let i = 0; i < 100; i++, number++) if (fits()) return done(number);
      } while (performance.now() < until);
      setTimeout(reckon);
    }

    reckon();
  }

  // A page with several forms loads the script for each.
  for (const input of document.querySelectorAll("input[data-word]:not([data-ready])")) {
    const form = input.form;
    let begun = false, found = "", sending = null;

    function begin() {
      if (begun) return;
      begun = true;
      find(input.dataset.word, Number(input.dataset.bits), (number) => {
        input.value = found = String(number);
        if (sending) form.requestSubmit(sending.button);
      });
    }

    // Browsers put back what a form held before.
    input.value = "";
    input.dataset.ready = "";
    form.addEventListener("focusin", begin);
    form.addEventListener("submit", (event) => {
      input.value = found;
      if (found) return;
      // Quicker than the reckoning: the form goes off as soon as that is done.
      event.preventDefault();
      sending = { button: event.submitter };
      begin();
    });
  }
})();
