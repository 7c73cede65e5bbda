/* A bundle's files, parsed strictly and on demand, for the checks of verify.mjs. */

import { CanonicalError, bytesOf, parse } from "./canonical.mjs";
import { decodeAnchorCall, decodeHeader, decodeTransaction } from "./evm.mjs";
import { concat, equal, hex, sha256, sm3, unhex, utf8 } from "./hashes.mjs";
import { hasKeys, parseCheckpoint, unhexed } from "./note.mjs";
import { hashLeaf, rootOf } from "./tree.mjs";

const ANCHOR_PATHS = ["anchor.json", "header.rlp", "receipt.bin", "receipt_proof.json", "tx.bin", "tx_proof.json"]
  .map((name) => `anchor/${name}`);
const NAME = /^[a-z][a-z0-9_.]{0,63}$/;
const HEX64 = /^[0-9a-f]{64}$/;
const HASHERS = { sha256, sm3 };

/* The evidence contradicts what it should show. */
export class Broken extends Error {}
/* The check needs something that is not there. */
export class Unchecked extends Error {}
/* The bundle does not claim to hold what the check is about. */
export class Absent extends Error {}

const KINDS = {
  int: (value) => Number.isSafeInteger(value) && value >= 0,
  str: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  list: Array.isArray,
  dict: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
};

/* `value` when it is an object of exactly these keys and kinds, and v = 1 unless `bare`. */
export function shaped(value, what, kinds, bare = false) {
  const names = bare ? Object.keys(kinds) : [...Object.keys(kinds), "v"];
  if (!hasKeys(value, names) || (!bare && value.v !== 1)) {
    throw new Broken(`${what} does not have exactly ${names.sort().join(", ")}`);
  }
  for (const [name, kind] of Object.entries(kinds)) {
    if (!KINDS[kind](value[name])) throw new Broken(`${what}: ${name} has the wrong type`);
  }
  return value;
}

export function hashes(values, what) {
  const found = values.map(unhex);
  if (found.includes(null)) throw new Broken(`${what} is not a list of hex strings`);
  return found;
}

/* What is computed once: the value, or the error that computing it ends with. */
function once(cache, name, make) {
  if (!cache.has(name)) {
    try { cache.set(name, { value: make() }); } catch (error) { cache.set(name, { error }); }
  }
  const { value, error } = cache.get(name);
  if (error) throw error;
  return value;
}

export class Evidence {
  constructor(files, trust) {
    this.files = files;
    this.trust = trust;
    this.cache = new Map();
  }

  file(path) {
    if (!this.files.has(path)) throw new Unchecked(`${path} is missing`);
    return this.files.get(path);
  }

  json(path) {
    const content = this.file(path);
    let value;
    try {
      value = parse(content);
    } catch (error) {
      if (error instanceof CanonicalError) throw new Broken(`${path}: ${error.message}`);
      throw error;
    }
    if (!equal(bytesOf(value), content)) throw new Broken(`${path} is not canonical JSON`);
    return value;
  }

  digest(path) { return hex(sha256(this.file(path))); }

  get index() { return once(this.cache, "index", () => readIndex(this.json("bundle.json"))); }
  event(index) { return once(this.cache, `event ${index}`, () => readEvent(this, index)); }
  get anchor() { return once(this.cache, "anchor", () => readAnchor(this.json("anchor/anchor.json"))); }
  get transaction() { return once(this.cache, "tx", () => decodeTransaction(this.file("anchor/tx.bin"))); }
  get call() { return once(this.cache, "call", () => decodeAnchorCall(this.transaction.data)); }
  get header() { return once(this.cache, "header", () => decodeHeader(this.file("anchor/header.rlp"))); }

  /* The checkpoint's values, whether its signature holds or not. */
  get checkpoint() {
    return once(this.cache, "checkpoint", () => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.file("checkpoint"));
      return parseCheckpoint(`${text.slice(0, Math.max(text.lastIndexOf("\n\n"), 0))}\n`);
    });
  }

  get chain() {
    const trusted = this.trust.chain;
    if (!this.index.anchor) {
      if (!trusted) throw new Absent("no anchor, and none is asked for");
      throw new Broken("the trust file names a chain, but the bundle holds no anchor");
    }
    if (!trusted) throw new Unchecked("the trust file names no chain");
    return trusted;
  }
}

function readIndex(given) {
  const value = shaped(given, "bundle.json", {
    subject: "str", origin: "str", exchange: "str", exported_at: "str", events: "list", contents: "dict" });
  const contents = shaped(value.contents, "contents", {
    anchor: "bool", certificates: "list", contracts: "list", statements: "list" }, true);
  const { events } = value;
  if (!events.length || !events.every(KINDS.int)) {
    throw new Broken("bundle.json: events are log indexes, at least one");
  }
  if (!events.every((index, i) => !i || events[i - 1] < index)) {
    throw new Broken("bundle.json: events are not in the order of the log");
  }
  const papers = ["certificates", "contracts", "statements"]
    .map((kind) => contents[kind].map((entry) => readPaper(entry, kind)));
  const paths = new Set(["bundle.json", "checkpoint"]);
  for (const index of events) for (const folder of ["events", "leaves", "proofs"]) paths.add(`${folder}/${index}.json`);
  if (contents.anchor) for (const path of ["consistency.json", ...ANCHOR_PATHS]) paths.add(path);
  for (const paper of papers.flat()) for (const path of [paper.path, ...paper.signatures]) paths.add(path);
  const [certificates, contracts, statements] = papers;
  return { subject: value.subject, origin: value.origin, events, anchor: contents.anchor, paths, certificates, contracts, statements };
}

function readPaper(entry, kind) {
  const kinds = { path: "str", event: "int", field: "str" };
  if (kind !== "certificates") kinds.signatures = "list";
  if (kind === "statements") Object.assign(kinds, { contract: "str", root_field: "str" });
  const value = shaped(entry, kind, kinds, true);
  const { signatures = [] } = value;
  if (!signatures.every(KINDS.str)) throw new Broken(`${kind}: signatures are paths`);
  return { ...value, signatures };
}

/* A disclosed event: its index, type, disclosed values (a Map) and its leaf. */
function readEvent(evidence, index) {
  const path = `events/${index}.json`, value = evidence.json(path);
  const refuse = (reason) => { throw new Broken(`${path}: ${reason}`); };
  if (!hasKeys(value, ["v", "index", "disclosed", "hidden"]) || value.v !== 1) {
    refuse("an event has v, index, disclosed and hidden");
  }
  const { disclosed, hidden } = value;
  if (!KINDS.dict(disclosed) || !KINDS.dict(hidden)) refuse("disclosed and hidden are objects");
  const fields = new Map(), values = new Map();
  for (const [name, opening] of Object.entries(disclosed)) {
    if (name in hidden) refuse("a field is either disclosed or hidden");
    if (!hasKeys(opening, ["value", "salt"])) refuse(`the field ${name} needs value and salt`);
    if (!HEX64.test(opening.salt)) refuse(`the salt of ${name} is not 64 lower-case hex digits`);
    const preimage = concat(unhex(opening.salt), bytesOf([name, opening.value]));
    fields.set(name, { sha256: sha256(preimage), sm3: sm3(preimage) });
    values.set(name, opening.value);
  }
  for (const [name, digests] of Object.entries(hidden)) {
    if (!hasKeys(digests, ["sha256", "sm3"])) refuse(`the hidden field ${name} needs both digests`);
    if (!HEX64.test(digests.sha256) || !HEX64.test(digests.sm3)) {
      refuse(`the commitment of ${name} is not 64 lower-case hex digits`);
    }
    fields.set(name, { sha256: unhex(digests.sha256), sm3: unhex(digests.sm3) });
  }
  if (!fields.size) refuse("an event has at least one field");
  for (const name of fields.keys()) if (!NAME.test(name)) refuse(`'${name}' is not the name of a field`);
  const names = [...fields.keys()].sort();
  const root = (algo) => {
    const hash = HASHERS[algo];
    return hex(rootOf(names.map((name) => hashLeaf(fields.get(name)[algo], hash)), hash));
  };
  if (value.index !== index) throw new Broken(`${path} is of another index`);
  if (typeof values.get("type") !== "string") throw new Broken(`${path} does not disclose its type`);
  const leaf = utf8(`{"sha256":"${root("sha256")}","sm3":"${root("sm3")}","v":1}`);
  return { index, type: values.get("type"), values, leaf };
}

function readAnchor(given) {
  const path = "anchor/anchor.json";
  const value = shaped(given, path, {
    chain_id: "int", genesis: "str", contract: "str", code_hash: "str", tx_hash: "str", tx_index: "int",
    log_index: "int", block_hash: "str", block_number: "int" });
  const bytes = (name, length) => {
    try { return unhexed(value[name], length); } catch (error) { throw new Broken(`${path}: ${error.message}`); }
  };
  return {
    chainId: value.chain_id, genesis: bytes("genesis", 32), contract: bytes("contract", 20),
    codeHash: bytes("code_hash", 32), txHash: bytes("tx_hash", 32), txIndex: value.tx_index,
    logIndex: value.log_index, blockHash: bytes("block_hash", 32), blockNumber: value.block_number,
  };
}
