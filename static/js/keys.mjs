/* A party's Ed25519 keys, kept in this browser and never shown to it: docs/reference/signatures.md.

   WebCrypto makes them so that they cannot be exported; IndexedDB keeps them by organisation. A
   profile that is cleared has lost them: the exchange is then told to revoke.
*/

import { bytesOf } from "./canonical.mjs";
import { hex, sha256, unhex, utf8 } from "./hashes.mjs";

const DATABASE = "tallystick-keys", STORE = "keys";
const HEX64 = /^[0-9a-f]{64}$/;
const WORD = /^[a-z][a-z0-9-]{0,63}$/;

/* `code`: `unsupported`, `insecure`, `storage`, `missing`, `statement`. */
export class KeyError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/* ---- what is signed ---- */

/* The bytes of a statement. Throws KeyError("statement") for a value that is not in its form. */
export function statementBytes(purpose, origin, digest, role) {
  const shaped = WORD.test(purpose) && WORD.test(role) && HEX64.test(digest);
  const length = typeof origin === "string" ? [...origin].length : 0;
  if (!shaped || !length || length > 255 || /[\u0000-\u0020]/.test(origin)) {
    throw new KeyError("statement", "the four values of the statement do not have their form");
  }
  return utf8([`tallystick/${purpose}/v1`, origin, digest, role].join("\n"));
}

/* What a key signs to prove possession: it binds challenge and document to the key. */
export function possessionDigest(publicKey, challenge, document) {
  if (!HEX64.test(publicKey) || !/^([0-9a-f]{2}){16,64}$/.test(challenge) || !HEX64.test(document)) {
    throw new KeyError("statement", "the challenge or the document's digest does not have its form");
  }
  const values = { v: 1, public_key: publicKey, challenge, document_sha256: document };
  return hex(sha256(bytesOf(values)));
}

/* ---- where keys are kept ---- */

/* Rows in IndexedDB, by public key. */
export class BrowserStore {
  async open() {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "publicKey" });
    try {
      return await settled(request);
    } catch (error) {
      throw new KeyError("storage", `this browser keeps no keys: ${error.message}`);
    }
  }

  async run(mode, deed) {
    const database = await this.open();
    try {
      return await settled(deed(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  }

  put(row) { return this.run("readwrite", (store) => store.add(row)); }
  get(publicKey) { return this.run("readonly", (store) => store.get(publicKey)); }
  all() { return this.run("readonly", (store) => store.getAll()); }
  delete(publicKey) { return this.run("readwrite", (store) => store.delete(publicKey)); }
}

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/* ---- keys ---- */

export class Keys {
  constructor(store = new BrowserStore()) { this.store = store; }

  /* Make a key, keep it, and return its public half: 64 hex digits. */
  async make(organisation, name = "") {
    if (!globalThis.crypto?.subtle) throw new KeyError("insecure", "keys need a page over HTTPS");
    let pair;
    try {
      pair = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    } catch (error) {
      throw new KeyError("unsupported", `this browser has no Ed25519: ${error.message}`);
    }
    const publicKey = hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
    const made = new Date().toISOString();
    await this.store.put({ publicKey, organisation, name, made, privateKey: pair.privateKey });
    await globalThis.navigator?.storage?.persist?.();
    return publicKey;
  }

  /* The keys of an organisation, or all; newest first, without their private halves. */
  async list(organisation) {
    const rows = await this.store.all();
    return rows
      .filter((row) => !organisation || row.organisation === organisation)
      .map(({ publicKey, organisation: owner, name, made }) => ({ publicKey, organisation: owner, name, made }))
      .sort((one, other) => (one.made < other.made ? 1 : -1));
  }

  /* This browser can sign no more with the key; the exchange is not told. */
  async forget(publicKey) { await this.store.delete(publicKey); }

  /* The signature over the four values: 128 hex digits. */
  async sign(publicKey, { purpose, origin, digest, role }) {
    const statement = statementBytes(purpose, origin, digest, role);
    const row = await this.store.get(publicKey);
    if (!row) throw new KeyError("missing", "this browser does not hold the key");
    return hex(new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, row.privateKey, statement)));
  }

  /* The proof of possession that enrols a key: 128 hex digits. */
  async enrol(publicKey, { origin, challenge, document }) {
    const digest = possessionDigest(publicKey, challenge, document);
    return this.sign(publicKey, { purpose: "possession", origin, digest, role: "holder" });
  }
}

/* True when `publicKey` (32 bytes) made the signature over the message. */
export async function verifyEd25519(publicKey, signature, message) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!globalThis.crypto?.subtle) throw new KeyError("insecure", "signatures need a page over HTTPS");
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new KeyError("unsupported", "this browser has no Ed25519");
    return false;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/* The y coordinates of points of small order, which bind nobody (tallystick/keys.py). */
const SMALL_ORDER = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

export function isSound(publicKey) {
  const plain = Uint8Array.from(publicKey);
  plain[31] &= 0x7f;
  return !SMALL_ORDER.has(hex(plain));
}

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* The bytes of base58btc with its Multibase prefix z; null where it is none. */
export function fromMultibase(text) {
  if (typeof text !== "string" || text[0] !== "z" || text.length > 1024) return null;
  let number = 0n;
  for (const digit of text.slice(1)) {
    const position = ALPHABET.indexOf(digit);
    if (position < 0) return null;
    number = number * 58n + BigInt(position);
  }
  const zeros = /^1*/.exec(text.slice(1))[0].length;
  const digits = number ? number.toString(16) : "";
  return unhex("00".repeat(zeros) + (digits.length % 2 ? "0" : "") + digits);
}

/* The 32 bytes of a public key in hex, multibase or did:key; null where it is none or unsound. */
export function parsePublic(text) {
  let key = HEX64.test(text) ? unhex(text) : null;
  if (!key) {
    const raw = fromMultibase(text.replace(/^did:key:/, "").split("#")[0]);
    key = raw?.length === 34 && raw[0] === 0xed && raw[1] === 0x01 ? raw.slice(2) : null;
  }
  return key && isSound(key) ? key : null;
}
