/* Signed notes, verifier keys, checkpoints, and what a verifier trusts: docs/reference/checkpoint.md. */

import { concat, hex, sha256, unhex, utf8 } from "./hashes.mjs";
import { parsePublic, verifyEd25519 } from "./keys.mjs";

const ED25519 = Uint8Array.of(1);
const MAX_NOTE = 4 << 20;
const MAX_SIGNATURES = 100;
const SPACE = /[\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export class NoteError extends Error {}

function unbase64(text) {
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw new NoteError("not base64");
  }
  if (btoa(raw) !== text) throw new NoteError("base64 that is not in its canonical form");
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

function requireName(name) {
  if (!name || name.includes("+") || SPACE.test(name)) {
    throw new NoteError("a key name is not empty and has no space, control character or plus sign");
  }
}

/* The key in a vkey `name+keyid+key`: {name, id, key, vkey}. */
export function parseVkey(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  if (!rest.length) throw new NoteError("a vkey is name+keyid+key");
  const raw = unbase64(rest.join("+"));
  if (raw[0] !== 1) throw new NoteError("the vkey is not of an Ed25519 key");
  requireName(name);
  if (raw.length !== 33) throw new NoteError("an Ed25519 public key has 32 bytes");
  const key = raw.slice(1);
  if (hex(sha256(concat(utf8(`${name}\n`), ED25519, key)).slice(0, 4)) !== id) {
    throw new NoteError("the vkey's id is not that of its key");
  }
  return { name, id, key, vkey };
}

function split(note) {
  if (note.length > MAX_NOTE) throw new NoteError("the note is too long");
  let whole;
  try {
    whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(note);
  } catch {
    throw new NoteError("the note is not UTF-8");
  }
  const gap = whole.lastIndexOf("\n\n");
  if (gap < 0 || !whole.slice(gap + 2).endsWith("\n")) throw new NoteError("the note has no signatures");
  const text = whole.slice(0, gap + 1);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new NoteError("the text of a note has a control character");
  const lines = whole.slice(gap + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new NoteError("the note has too many signatures");
  return [text, lines.map(signature)];
}

function signature(line) {
  const parts = line.split(" ");
  if (parts.length !== 3 || parts[0] !== "\u2014") {
    throw new NoteError("a signature line is not dash, name and signature");
  }
  requireName(parts[1]);
  const blob = unbase64(parts[2]);
  if (blob.length < 5) throw new NoteError("a signature is too short");
  return [parts[1], blob];
}

/* The text of a note once the key of `vkey` signed it; other keys' signatures are ignored. */
export async function verifyNote(note, vkey) {
  const trusted = parseVkey(vkey);
  const [text, signatures] = split(note);
  let signed = false;
  for (const [name, blob] of signatures) {
    if (name !== trusted.name || hex(blob.slice(0, 4)) !== trusted.id) continue;
    if (!await verifyEd25519(trusted.key, blob.slice(4), utf8(text))) {
      throw new NoteError(`the signature of ${vkey} is bad`);
    }
    signed = true;
  }
  if (!signed) throw new NoteError("no trusted key signed the note");
  return text;
}

/* {origin, size (BigInt), root} in the text of a note. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.at(-1) || !lines.slice(0, -1).every(Boolean)) {
    throw new NoteError("a checkpoint has origin, size and root, a line each");
  }
  const [origin, size, encoded] = lines;
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size)) {
    throw new NoteError("the size of a checkpoint is not a plain decimal number");
  }
  const root = unbase64(encoded);
  if (root.length !== 32) throw new NoteError("the root of a checkpoint has 32 bytes");
  return { origin, size: BigInt(size), root };
}

/* ---- trust.json ---- */

const FIELDS = ["chain", "exchange_did", "exchange_vkey", "log_vkey", "origin", "v"];
const CHAIN_FIELDS = ["anchorer", "block_hashes", "code_hash", "contract", "genesis", "id", "local"];

export class TrustError extends Error {}

/* The bytes of a hex string of this length, with or without 0x. */
export function unhexed(value, length) {
  const bytes = typeof value === "string" ? unhex(value.replace(/^0x/, "")) : null;
  if (bytes?.length !== length) throw new TrustError(`${JSON.stringify(value)} is not ${length} bytes in hex`);
  return bytes;
}

export const hasKeys = (value, names) => value !== null && typeof value === "object" && !Array.isArray(value)
  && Object.keys(value).length === names.length && names.every((name) => name in value);

/* What the value of a trust file says. Throws TrustError. */
export function parseTrust(value) {
  if (!hasKeys(value, FIELDS) || value.v !== 1) {
    throw new TrustError(`a trust file has v = 1 and ${FIELDS.slice(0, -1).join(", ")}`);
  }
  for (const name of FIELDS.slice(1, -1)) {
    if (typeof value[name] !== "string" || !value[name]) throw new TrustError(`${name} is not a text`);
  }
  const { origin, log_vkey: logVkey, exchange_vkey: exchangeVkey, exchange_did: did } = value;
  let issuerKey;
  try {
    parseVkey(logVkey);
    issuerKey = parseVkey(exchangeVkey).key;
  } catch (error) {
    throw new TrustError(`a key of the trust file is malformed: ${error.message}`);
  }
  if (did.startsWith("did:key:")) issuerKey = parsePublic(did);
  if (!issuerKey) throw new TrustError("a key of the trust file is malformed: not an Ed25519 public key");
  return { origin, logVkey, exchangeVkey, did, issuerKey, chain: value.chain === null ? null : chainOf(value.chain) };
}

function chainOf(value) {
  if (!hasKeys(value, CHAIN_FIELDS)) throw new TrustError(`the chain of a trust file has ${CHAIN_FIELDS.join(", ")}`);
  if (!Number.isSafeInteger(value.id) || value.id < 0 || typeof value.local !== "boolean") {
    throw new TrustError("the chain's id is a number and local is true or false");
  }
  if (!Array.isArray(value.block_hashes)) throw new TrustError("block_hashes is a list");
  return {
    id: value.id, local: value.local, genesis: unhexed(value.genesis, 32), contract: unhexed(value.contract, 20),
    codeHash: unhexed(value.code_hash, 32), anchorer: unhexed(value.anchorer, 20),
    blockHashes: new Set(value.block_hashes.map((block) => hex(unhexed(block, 32)))),
  };
}
