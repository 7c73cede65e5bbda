/* The pieces of Ethereum that an anchor rests on: Keccak-256, RLP, Merkle-Patricia proofs, signature
   recovery on secp256k1, headers, transactions and receipts. The rules of tallystick/proof. */

import { concat, equal, hex, unhex, utf8 } from "./hashes.mjs";

/* ---- Keccak-256, with the padding before SHA-3 was standardised ---- */

const RATE = 136;
const MASK = (1n << 64n) - 1n;
const rotate = (lane, bits) => (lane << bits | lane >> 64n - bits) & MASK;

/* Round constants by the LFSR of FIPS 202, 3.2.5. */
const ROUNDS = (() => {
  let bit = 1;
  return Array.from({ length: 24 }, () => {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if (bit & 1) constant |= 1n << BigInt(2 ** j - 1);
      bit = bit << 1 ^ (bit >> 7) * 0x171;
    }
    return constant;
  });
})();

const STEPS = (() => {
  const steps = [];
  let x = 1, y = 0;
  for (let t = 0; t < 24; t++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    steps.push([x + 5 * y, BigInt((t + 1) * (t + 2) / 2 % 64)]);
  }
  return steps;
})();

function permute(lanes) {
  for (const constant of ROUNDS) {
    const columns = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let x = 0; x < 5; x++) {
      const mixed = columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1n);
      for (let y = 0; y < 25; y += 5) lanes[x + y] ^= mixed;
    }
    let moving = lanes[1];
    for (const [target, bits] of STEPS) [lanes[target], moving] = [rotate(moving, bits), lanes[target]];
    for (let y = 0; y < 25; y += 5) {
      const row = lanes.slice(y, y + 5);
      for (let x = 0; x < 5; x++) lanes[x + y] = row[x] ^ (row[(x + 1) % 5] ^ MASK) & row[(x + 2) % 5];
    }
    lanes[0] ^= constant;
  }
}

export function keccak256(data) {
  const padded = concat(data, new Uint8Array(RATE - data.length % RATE));
  padded[data.length] ^= 0x01;
  padded[padded.length - 1] ^= 0x80;
  const view = new DataView(padded.buffer);
  const lanes = Array(25).fill(0n);
  for (let start = 0; start < padded.length; start += RATE) {
    for (let lane = 0; lane < RATE / 8; lane++) lanes[lane] ^= view.getBigUint64(start + 8 * lane, true);
    permute(lanes);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane++) out.setBigUint64(8 * lane, lanes[lane], true);
  return new Uint8Array(out.buffer);
}

/* ---- integers ---- */

const toInt = (bytes) => (bytes.length ? BigInt(`0x${hex(bytes)}`) : 0n);

function fromInt(value) {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return unhex(digits.length % 2 ? `0${digits}` : digits);
}

const word = (value) => unhex(value.toString(16).padStart(64, "0"));

/* ---- RLP, strictly: yellow paper, appendix B ---- */

const MAX_DEPTH = 32;

function prefix(length, offset) {
  if (length < 56) return Uint8Array.of(offset + length);
  const size = fromInt(BigInt(length));
  return concat(Uint8Array.of(offset + 55 + size.length), size);
}

export function encode(item) {
  if (item instanceof Uint8Array) {
    return item.length === 1 && item[0] < 0x80 ? item : concat(prefix(item.length, 0x80), item);
  }
  const body = concat(...item.map(encode));
  return concat(prefix(body.length, 0xc0), body);
}

export function decode(data) {
  const [item, end] = decodeAt(data, 0, data.length, 0);
  if (end !== data.length) throw new Error("bytes follow the item");
  return item;
}

function decodeAt(data, start, limit, depth) {
  if (start >= limit) throw new Error("the data ends where an item was expected");
  const head = data[start];
  if (head < 0x80) return [data.subarray(start, start + 1), start + 1];
  const base = head < 0xc0 ? 0x80 : 0xc0;
  let [body, end] = bounds(data, start, limit, head - base);
  if (base === 0x80) {
    if (end - body === 1 && data[body] < 0x80) throw new Error("a single byte below 0x80 with a prefix");
    return [data.subarray(body, end), end];
  }
  if (depth >= MAX_DEPTH) throw new Error("lists are nested too deeply");
  const items = [];
  while (body < end) {
    let item;
    [item, body] = decodeAt(data, body, end, depth + 1);
    items.push(item);
  }
  return [items, end];
}

function bounds(data, start, limit, marker) {
  let body = start + 1, length = marker;
  if (marker > 55) {
    body = start + 1 + marker - 55;
    const size = data.subarray(start + 1, body);
    if (body > limit || size.length === 0 || size[0] === 0) {
      throw new Error("a length that is cut off or has a leading zero");
    }
    length = Number(toInt(size));
    if (length < 56) throw new Error("a short length in the long form");
  }
  if (body + length > limit) throw new Error("an item that is longer than the data");
  return [body, body + length];
}

function listOf(raw, what, length = null) {
  let item;
  try {
    item = decode(raw);
  } catch (error) {
    throw new Error(`not a ${what}: ${error.message}`);
  }
  if (!Array.isArray(item)) throw new Error(`not a ${what}: bytes where a list was expected`);
  if (length !== null && item.length !== length) {
    throw new Error(`not a ${what}: a list of ${item.length} items where ${length} were expected`);
  }
  return item;
}

function intOf(item, what) {
  if (Array.isArray(item)) throw new Error(`${what}: a list where an integer was expected`);
  if (item[0] === 0) throw new Error(`${what}: an integer with a leading zero`);
  return toInt(item);
}

function bytesOf(item, length, what) {
  if (Array.isArray(item) || item.length !== length) throw new Error(`${what} is not ${length} bytes`);
  return item;
}

/* ---- Merkle-Patricia proofs: yellow paper, appendix D ---- */

export const indexKey = (index) => encode(fromInt(BigInt(index)));
const nibbles = (data) => [...data].flatMap((byte) => [byte >> 4, byte & 15]);

function decodePath(encoded) {
  if (Array.isArray(encoded) || !encoded.length || encoded[0] >> 4 > 3) {
    throw new Error("a path is not hex-prefix encoded");
  }
  const halves = nibbles(encoded), odd = halves[0] & 1;
  if (!odd && halves[1]) throw new Error("a path has a padding nibble that is not zero");
  return [halves.slice(odd ? 1 : 2), Boolean(halves[0] & 2)];
}

function opened(reference, unused) {
  if (reference.length !== 32) throw new Error("the path ends before the key");
  if (!unused.length) throw new Error("the proof ends before the key");
  const encoded = unused.shift();
  if (!equal(keccak256(encoded), reference)) throw new Error("a node does not have the hash that its parent names");
  return listOf(encoded, "node");
}

function valueOf(item, unused) {
  if (Array.isArray(item) || !item.length) throw new Error("no value stands under the key");
  if (unused.length) throw new Error("the proof has nodes that it does not need");
  return item;
}

/* The value that a proof shows under `key` below `root`; every node must be used. */
export function valueAt(root, key, proof) {
  const unused = [...proof];
  let node = opened(root, unused), rest = nibbles(key);
  for (;;) {
    let reference;
    if (node.length === 17) {
      if (!rest.length) return valueOf(node[16], unused);
      reference = node[rest[0]];
      rest = rest.slice(1);
    } else if (node.length === 2) {
      const [path, isLeaf] = decodePath(node[0]);
      if (!path.every((nibble, i) => nibble === rest[i])) throw new Error("the proof leads to another key");
      rest = rest.slice(path.length);
      if (isLeaf) {
        if (rest.length) throw new Error("the proof leads to a shorter key");
        return valueOf(node[1], unused);
      }
      reference = node[1];
    } else throw new Error("a node has neither 2 nor 17 items");
    node = Array.isArray(reference) ? reference : opened(reference, unused);
  }
}

/* ---- who signed: SEC 1 section 4.1.6 on secp256k1 ---- */

const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n];
const INFINITY = [0n, 1n, 0n];
const mod = (value, by = P) => (value % by + by) % by;

function power(base, exponent, by) {
  let result = 1n;
  for (let b = mod(base, by); exponent; exponent >>= 1n, b = b * b % by) if (exponent & 1n) result = result * b % by;
  return result;
}

const inverse = (value, by) => power(value, by - 2n, by);

function double([x, y, z]) {
  if (!y || !z) return INFINITY;
  const yy = y * y % P, s = 4n * x * yy % P, m = 3n * x * x % P, nx = mod(m * m - 2n * s);
  return [nx, mod(m * (s - nx) - 8n * yy * yy), 2n * y * z % P];
}

function add(first, second) {
  if (!first[2]) return second;
  if (!second[2]) return first;
  const [x1, y1, z1] = first, [x2, y2, z2] = second;
  const zz1 = z1 * z1 % P, zz2 = z2 * z2 % P, u1 = x1 * zz2 % P, u2 = x2 * zz1 % P;
  const s1 = y1 * zz2 * z2 % P, s2 = y2 * zz1 * z1 % P;
  if (u1 === u2) return s1 === s2 ? double(first) : INFINITY;
  const h = mod(u2 - u1), r = mod(s2 - s1), hh = h * h % P, hhh = h * hh % P, v = u1 * hh % P;
  const x3 = mod(r * r - hhh - 2n * v);
  return [x3, mod(r * (v - x3) - s1 * hhh), h * z1 * z2 % P];
}

function times([x, y], factor) {
  let result = INFINITY, addend = [x, y, 1n];
  for (; factor; factor >>= 1n, addend = double(addend)) if (factor & 1n) result = add(result, addend);
  return result;
}

/* The 20-byte address whose key signed the digest; parity is that of R's y. */
export function recoverAddress(digest, r, s, parity) {
  const refuse = (reason) => { throw new Error(`a signature without signer: ${reason}`); };
  if (parity !== 0n && parity !== 1n) refuse("the parity must be 0 or 1");
  if (!(r > 0n && r < N && s > 0n && s <= N / 2n)) refuse("r or s is out of range");
  const square = (power(r, 3n, P) + 7n) % P;
  let y = power(square, (P + 1n) / 4n, P);
  if (y * y % P !== square) refuse("r is not the x of a point");
  if (y % 2n !== parity) y = P - y;
  const back = inverse(r, N);
  const found = add(times(G, mod(-toInt(digest) * back, N)), times([r, y], s * back % N));
  if (!found[2]) refuse("the signature fits no key");
  const z = inverse(found[2], P);
  return keccak256(concat(word(found[0] * z * z % P), word(found[1] * z * z * z % P))).slice(12);
}

/* ---- headers, transactions, receipts, and the two shapes of the contract ---- */

const SELECTOR = keccak256(utf8("anchor(uint256,bytes32,bytes32)")).slice(0, 4);
const TOPIC = keccak256(utf8("Anchored(uint256,bytes32,uint256)"));

export function decodeHeader(raw) {
  const fields = listOf(raw, "header");
  if (fields.length < 15) throw new Error(`a header of ${fields.length} fields`);
  bytesOf(fields[0], 32, "parent hash");
  intOf(fields[11], "timestamp");
  return {
    hash: keccak256(raw), number: intOf(fields[8], "number"),
    transactionsRoot: bytesOf(fields[4], 32, "transactions root"),
    receiptsRoot: bytesOf(fields[5], 32, "receipts root"),
  };
}

/* A signed transaction, legacy or EIP-1559, with its recovered sender. */
export function decodeTransaction(raw) {
  if (raw[0] === 2) {
    const fields = listOf(raw.subarray(1), "transaction", 12);
    const signed = keccak256(concat(Uint8Array.of(2), encode(fields.slice(0, 9))));
    return transaction(raw, intOf(fields[0], "chain id"), [1, 5, 6, 7].map((i) => fields[i]), signed,
      intOf(fields[9], "parity"), fields.slice(10));
  }
  if (!(raw[0] >= 0xc0)) throw new Error("a transaction of a type that is not known here");
  const fields = listOf(raw, "transaction", 9), v = intOf(fields[6], "v");
  const common = [0, 3, 4, 5].map((i) => fields[i]);
  if (v >= 35n) {
    const chain = (v - 35n) / 2n, empty = new Uint8Array(0);
    const signed = keccak256(encode([...fields.slice(0, 6), fromInt(chain), empty, empty]));
    return transaction(raw, chain, common, signed, (v - 35n) % 2n, fields.slice(7));
  }
  if (v !== 27n && v !== 28n) throw new Error("a v that no signature has");
  return transaction(raw, null, common, keccak256(encode(fields.slice(0, 6))), v - 27n, fields.slice(7));
}

function transaction(raw, chainId, [nonce, to, value, data], signed, parity, [r, s]) {
  if (Array.isArray(to) || ![0, 20].includes(to.length)) throw new Error("a recipient that is not an address");
  if (Array.isArray(data)) throw new Error("call data that is a list");
  const sender = recoverAddress(signed, intOf(r, "r"), intOf(s, "s"), parity);
  intOf(nonce, "nonce");
  intOf(value, "value");
  return { hash: keccak256(raw), chainId, to, data, sender };
}

export function decodeReceipt(raw) {
  const fields = listOf(raw.length && raw[0] && raw[0] < 0x80 ? raw.subarray(1) : raw, "receipt", 4);
  const status = fields[0];
  if (Array.isArray(status) || status.length > 1 || (status.length && status[0] !== 1)) {
    throw new Error("a receipt without status");
  }
  if (!Array.isArray(fields[3])) throw new Error("logs that are not a list");
  return { succeeded: status.length === 1, logs: fields[3].map(logOf) };
}

function logOf(entry) {
  const refuse = () => { throw new Error("a log that is not address, topics and data"); };
  if (!Array.isArray(entry) || entry.length !== 3) refuse();
  const [address, topics, data] = entry;
  if (!Array.isArray(topics) || topics.length > 4 || Array.isArray(data)) refuse();
  return { address: bytesOf(address, 20, "address"), topics: topics.map((topic) => bytesOf(topic, 32, "topic")), data };
}

/* The head that a call of `anchor(size, root, previousRoot)` carries; sizes are BigInt. */
export function decodeAnchorCall(data) {
  if (data.length !== 100 || !equal(data.subarray(0, 4), SELECTOR)) {
    throw new Error("the call is not anchor(uint256,bytes32,bytes32)");
  }
  return { size: toInt(data.subarray(4, 36)), root: data.subarray(36, 68) };
}

export function decodeAnchored(log) {
  if (log.topics.length !== 2 || !equal(log.topics[0], TOPIC) || log.data.length !== 64) {
    throw new Error("the log is not Anchored(uint256,bytes32,uint256)");
  }
  return { size: toInt(log.topics[1]), root: log.data.subarray(0, 32) };
}
