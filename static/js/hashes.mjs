/* SHA-256 (FIPS 180-4), SM3 (GB/T 32905-2016) and BLAKE3 over streams of bytes.

   const hash = new Sha256(); hash.update(bytes); hex(hash.digest());
*/

export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

/* The bytes of lower- or upper-case hex; null where it is none. */
export function unhex(text) {
  if (typeof text !== "string" || text.length % 2 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

export function equal(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

export const utf8 = (text) => new TextEncoder().encode(text);

/* ---- Merkle-Damgård with blocks of 64 bytes and the length in bits at the end ---- */

class Blocks {
  constructor(start, compress) {
    this.state = Uint32Array.from(start);
    this.compress = compress;
    this.buffer = new Uint8Array(64);
    this.view = new DataView(this.buffer.buffer);
    this.held = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.buffer.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      this.compress(this.state, this.view, 0, 64);
      this.held = 0;
    }
    const end = at + (bytes.length - at & ~63);
    if (end > at) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.compress(this.state, view, at, end);
    }
    if (end < bytes.length) {
      this.buffer.set(bytes.subarray(end));
      this.held = bytes.length - end;
    }
    return this;
  }

  digest() {
    const { buffer, view, length } = this;
    buffer[this.held++] = 0x80;
    if (this.held > 56) {
      buffer.fill(0, this.held);
      this.compress(this.state, view, 0, 64);
      this.held = 0;
    }
    buffer.fill(0, this.held);
    view.setUint32(56, Math.floor(length / 0x20000000));
    view.setUint32(60, length << 3);
    this.compress(this.state, view, 0, 64);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, i) => out.setUint32(4 * i, word));
    return new Uint8Array(out.buffer);
  }
}

/* ---- SHA-256 ---- */

function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
}

/* The first 32 bits of the fraction of a root, exactly: floor(root * 2^32) by integers alone. */
function fraction(prime, power) {
  const wanted = BigInt(prime) << BigInt(32 * power);
  let low = 0n, high = 1n << 40n;
  while (high - low > 1n) {
    const middle = low + high >> 1n;
    if (middle ** BigInt(power) <= wanted) low = middle; else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const SHA_K = Int32Array.from(primes(64), (p) => fraction(p, 3));
const SHA_START = primes(8).map((p) => fraction(p, 2));
const SHA_W = new Int32Array(64);

function sha256Compress(state, view, start, end) {
  const w = SHA_W, k = SHA_K;
  let A = state[0] | 0, B = state[1] | 0, C = state[2] | 0, D = state[3] | 0;
  let E = state[4] | 0, F = state[5] | 0, G = state[6] | 0, H = state[7] | 0;
  for (let at = start; at < end; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
      const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1 | 0;
    }
    let a = A, b = B, c = C, d = D, e = E, f = F, g = G, h = H;
    for (let i = 0; i < 64; i++) {
      const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
      const t1 = h + s1 + (g ^ e & (f ^ g)) + k[i] + w[i] | 0;
      const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const t2 = s0 + (a & b | c & (a | b)) | 0;
      h = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
    }
    A = A + a | 0; B = B + b | 0; C = C + c | 0; D = D + d | 0;
    E = E + e | 0; F = F + f | 0; G = G + g | 0; H = H + h | 0;
  }
  state[0] = A; state[1] = B; state[2] = C; state[3] = D;
  state[4] = E; state[5] = F; state[6] = G; state[7] = H;
}

export class Sha256 extends Blocks {
  constructor() { super(SHA_START, sha256Compress); }
}

export const sha256 = (bytes) => new Sha256().update(bytes).digest();

/* ---- SM3 ---- */

const SM3_START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
const SM3_T = Int32Array.from({ length: 64 }, (_, i) => {
  const t = i < 16 ? 0x79cc4519 : 0x7a879d8a, n = i % 32;
  return n ? t << n | t >>> 32 - n : t;
});
const SM3_W = new Int32Array(68);

function sm3Compress(state, view, start, end) {
  const w = SM3_W, t = SM3_T;
  let A = state[0] | 0, B = state[1] | 0, C = state[2] | 0, D = state[3] | 0;
  let E = state[4] | 0, F = state[5] | 0, G = state[6] | 0, H = state[7] | 0;
  for (let at = start; at < end; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 68; i++) {
      const y = w[i - 3], x = w[i - 16] ^ w[i - 9] ^ (y << 15 | y >>> 17), z = w[i - 13];
      w[i] = x ^ (x << 15 | x >>> 17) ^ (x << 23 | x >>> 9) ^ (z << 7 | z >>> 25) ^ w[i - 6];
    }
    let a = A, b = B, c = C, d = D, e = E, f = F, g = G, h = H;
    for (let i = 0; i < 16; i++) {
      const a12 = a << 12 | a >>> 20, sum = a12 + e + t[i] | 0, ss1 = sum << 7 | sum >>> 25;
      const tt1 = (a ^ b ^ c) + d + (ss1 ^ a12) + (w[i] ^ w[i + 4]) | 0;
      const tt2 = (e ^ f ^ g) + h + ss1 + w[i] | 0;
      d = c; c = b << 9 | b >>> 23; b = a; a = tt1;
      h = g; g = f << 19 | f >>> 13; f = e;
      e = tt2 ^ (tt2 << 9 | tt2 >>> 23) ^ (tt2 << 17 | tt2 >>> 15);
    }
    for (let i = 16; i < 64; i++) {
      const a12 = a << 12 | a >>> 20, sum = a12 + e + t[i] | 0, ss1 = sum << 7 | sum >>> 25;
      const tt1 = (a & b | c & (a | b)) + d + (ss1 ^ a12) + (w[i] ^ w[i + 4]) | 0;
      const tt2 = (g ^ e & (f ^ g)) + h + ss1 + w[i] | 0;
      d = c; c = b << 9 | b >>> 23; b = a; a = tt1;
      h = g; g = f << 19 | f >>> 13; f = e;
      e = tt2 ^ (tt2 << 9 | tt2 >>> 23) ^ (tt2 << 17 | tt2 >>> 15);
    }
    A ^= a; B ^= b; C ^= c; D ^= d; E ^= e; F ^= f; G ^= g; H ^= h;
  }
  state[0] = A; state[1] = B; state[2] = C; state[3] = D;
  state[4] = E; state[5] = F; state[6] = G; state[7] = H;
}

export class Sm3 extends Blocks {
  constructor() { super(SM3_START, sm3Compress); }
}

export const sm3 = (bytes) => new Sm3().update(bytes).digest();
