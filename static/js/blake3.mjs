/* BLAKE3 with extendable output, unkeyed. Source: the BLAKE3 specification.

   const hash = new Blake3(); hash.update(bytes); hash.digest();  // 32 bytes
   hash.addTo(lanes);  // adds the first 4,096 bytes of output to 1,024 lanes of 32 bits
*/

const IV = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8;
const CHUNK = 1024;
const OUT = new Int32Array(16);

/* Compress the 16 words of `m` into OUT; the first 8 are the next chaining value. */
function compress(cv, m, low, high, length, flags, out) {
  let s0 = cv[0], s1 = cv[1], s2 = cv[2], s3 = cv[3], s4 = cv[4], s5 = cv[5], s6 = cv[6], s7 = cv[7];
  let s8 = 0x6a09e667, s9 = 0xbb67ae85 | 0, s10 = 0x3c6ef372, s11 = 0xa54ff53a | 0;
  let s12 = low, s13 = high, s14 = length, s15 = flags;
  let m0 = m[0], m1 = m[1], m2 = m[2], m3 = m[3], m4 = m[4], m5 = m[5], m6 = m[6], m7 = m[7];
  let m8 = m[8], m9 = m[9], m10 = m[10], m11 = m[11], m12 = m[12], m13 = m[13], m14 = m[14], m15 = m[15];
  let x = 0, round = 0;
  for (;;) {
    s0 = s0 + s4 + m0 | 0; x = s12 ^ s0; s12 = x >>> 16 | x << 16; s8 = s8 + s12 | 0; x = s4 ^ s8; s4 = x >>> 12 | x << 20;
    s0 = s0 + s4 + m1 | 0; x = s12 ^ s0; s12 = x >>> 8 | x << 24; s8 = s8 + s12 | 0; x = s4 ^ s8; s4 = x >>> 7 | x << 25;
    s1 = s1 + s5 + m2 | 0; x = s13 ^ s1; s13 = x >>> 16 | x << 16; s9 = s9 + s13 | 0; x = s5 ^ s9; s5 = x >>> 12 | x << 20;
    s1 = s1 + s5 + m3 | 0; x = s13 ^ s1; s13 = x >>> 8 | x << 24; s9 = s9 + s13 | 0; x = s5 ^ s9; s5 = x >>> 7 | x << 25;
    s2 = s2 + s6 + m4 | 0; x = s14 ^ s2; s14 = x >>> 16 | x << 16; s10 = s10 + s14 | 0; x = s6 ^ s10; s6 = x >>> 12 | x << 20;
    s2 = s2 + s6 + m5 | 0; x = s14 ^ s2; s14 = x >>> 8 | x << 24; s10 = s10 + s14 | 0; x = s6 ^ s10; s6 = x >>> 7 | x << 25;
    s3 = s3 + s7 + m6 | 0; x = s15 ^ s3; s15 = x >>> 16 | x << 16; s11 = s11 + s15 | 0; x = s7 ^ s11; s7 = x >>> 12 | x << 20;
    s3 = s3 + s7 + m7 | 0; x = s15 ^ s3; s15 = x >>> 8 | x << 24; s11 = s11 + s15 | 0; x = s7 ^ s11; s7 = x >>> 7 | x << 25;
    s0 = s0 + s5 + m8 | 0; x = s15 ^ s0; s15 = x >>> 16 | x << 16; s10 = s10 + s15 | 0; x = s5 ^ s10; s5 = x >>> 12 | x << 20;
    s0 = s0 + s5 + m9 | 0; x = s15 ^ s0; s15 = x >>> 8 | x << 24; s10 = s10 + s15 | 0; x = s5 ^ s10; s5 = x >>> 7 | x << 25;
    s1 = s1 + s6 + m10 | 0; x = s12 ^ s1; s12 = x >>> 16 | x << 16; s11 = s11 + s12 | 0; x = s6 ^ s11; s6 = x >>> 12 | x << 20;
    s1 = s1 + s6 + m11 | 0; x = s12 ^ s1; s12 = x >>> 8 | x << 24; s11 = s11 + s12 | 0; x = s6 ^ s11; s6 = x >>> 7 | x << 25;
    s2 = s2 + s7 + m12 | 0; x = s13 ^ s2; s13 = x >>> 16 | x << 16; s8 = s8 + s13 | 0; x = s7 ^ s8; s7 = x >>> 12 | x << 20;
    s2 = s2 + s7 + m13 | 0; x = s13 ^ s2; s13 = x >>> 8 | x << 24; s8 = s8 + s13 | 0; x = s7 ^ s8; s7 = x >>> 7 | x << 25;
    s3 = s3 + s4 + m14 | 0; x = s14 ^ s3; s14 = x >>> 16 | x << 16; s9 = s9 + s14 | 0; x = s4 ^ s9; s4 = x >>> 12 | x << 20;
    s3 = s3 + s4 + m15 | 0; x = s14 ^ s3; s14 = x >>> 8 | x << 24; s9 = s9 + s14 | 0; x = s4 ^ s9; s4 = x >>> 7 | x << 25;
    if (++round === 7) break;
    x = m0; m0 = m2; m2 = m3; m3 = m10; m10 = m12; m12 = m9; m9 = m11; m11 = m5; m5 = x;
    x = m1; m1 = m6; m6 = m4; m4 = m7; m7 = m13; m13 = m14; m14 = m15; m15 = m8; m8 = x;
  }
  out[0] = s0 ^ s8; out[1] = s1 ^ s9; out[2] = s2 ^ s10; out[3] = s3 ^ s11;
  out[4] = s4 ^ s12; out[5] = s5 ^ s13; out[6] = s6 ^ s14; out[7] = s7 ^ s15;
  out[8] = s8 ^ cv[0]; out[9] = s9 ^ cv[1]; out[10] = s10 ^ cv[2]; out[11] = s11 ^ cv[3];
  out[12] = s12 ^ cv[4]; out[13] = s13 ^ cv[5]; out[14] = s14 ^ cv[6]; out[15] = s15 ^ cv[7];
}

export class Blake3 {
  constructor() {
    this.cv = new Int32Array(8);
    this.words = new Int32Array(16);
    this.block = new Uint8Array(64);
    this.view = new DataView(this.block.buffer);
    this.reset();
  }

  /* As new, so that hashing many rows makes no garbage. */
  reset() {
    this.cv.set(IV);
    this.stack = [];
    this.chunks = 0;
    this.blocks = 0;
    this.held = 0;
    return this;
  }

  update(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < bytes.length) {
      if (this.held === 64) this.takeBlock(this.view, 0);
      if (this.held === 0) {
        /* A block is taken from the input itself once more follows; the last one of all waits. */
        while (bytes.length - at > 64) { this.takeBlock(view, at); at += 64; }
      }
      const take = Math.min(64 - this.held, bytes.length - at);
      this.block.set(take === bytes.length ? bytes : bytes.subarray(at, at + take), this.held);
      this.held += take;
      at += take;
    }
    return this;
  }

  takeBlock(view, at) {
    const { words, cv } = this;
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i, true);
    const ends = this.blocks === CHUNK / 64 - 1;
    const flags = (this.blocks ? 0 : CHUNK_START) | (ends ? CHUNK_END : 0);
    compress(cv, words, this.chunks | 0, this.chunks / 0x100000000 | 0, 64, flags, OUT);
    for (let i = 0; i < 8; i++) cv[i] = OUT[i];
    this.held = 0;
    this.blocks++;
    if (ends) this.endChunk();
  }

  /* The chunk's value joins the subtrees that are complete with it. */
  endChunk() {
    let value = this.cv.slice();
    this.chunks++;
    for (let total = this.chunks; total % 2 === 0; total /= 2) {
      this.words.set(this.stack.pop());
      this.words.set(value, 8);
      compress(IV, this.words, 0, 0, 64, PARENT, OUT);
      value = OUT.slice(0, 8);
    }
    this.stack.push(value);
    this.cv.set(IV);
    this.blocks = 0;
  }

  /* The root's node, left in cv and words: [low, high, length, flags] of its compression. */
  root() {
    const { words, cv, view } = this;
    this.block.fill(0, this.held);
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(4 * i, true);
    let node = [this.chunks | 0, this.chunks / 0x100000000 | 0, this.held,
      (this.blocks ? 0 : CHUNK_START) | CHUNK_END];
    while (this.stack.length) {
      compress(cv, words, ...node, OUT);
      words.set(this.stack.pop());
      words.set(OUT.subarray(0, 8), 8);
      cv.set(IV);
      node = [0, 0, 64, PARENT];
    }
    return node;
  }

  digest() {
    const [, , length, flags] = this.root();
    compress(this.cv, this.words, 0, 0, length, flags | ROOT, OUT);
    const out = new DataView(new ArrayBuffer(32));
    for (let i = 0; i < 8; i++) out.setInt32(4 * i, OUT[i], true);
    return new Uint8Array(out.buffer);
  }

  /* Add the first 4,096 bytes of output to 1,024 lanes, modulo 2^32. */
  addTo(lanes) {
    const [, , length, flags] = this.root();
    for (let i = 0; i < 64; i++) {
      compress(this.cv, this.words, i, 0, length, flags | ROOT, OUT);
      for (let j = 0; j < 16; j++) lanes[16 * i + j] += OUT[j];
    }
  }
}

export const blake3 = (bytes) => new Blake3().update(bytes).digest();
