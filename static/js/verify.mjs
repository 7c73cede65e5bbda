/* A proof bundle verified link by link, by the rules of `tallystick verify`: docs/reference/bundle.md.

   const report = await verifyBundle(bytes, trust, { onLink });  // trust: the value of trust.json
   report.ok, report.links.map(({ name, status, detail }) => ...)
*/

import { parse } from "./canonical.mjs";
import { BundleError, checkManifest, MANIFEST, readBundle } from "./bundle.mjs";
import { Absent, Broken, Evidence, hashes, shaped, Unchecked } from "./evidence.mjs";
import { decodeAnchored, decodeReceipt, indexKey, valueAt } from "./evm.mjs";
import { equal, hex } from "./hashes.mjs";
import { KeyError } from "./keys.mjs";
import { NoteError, parseCheckpoint, parseTrust, verifyNote } from "./note.mjs";
import { checkCertificates, checkContracts, checkStatements } from "./papers.mjs";
import { hashLeaf, verifyConsistency, verifyInclusion } from "./tree.mjs";

export { parseTrust, TrustError } from "./note.mjs";

/* {ok, links}; each link is given to `onLink` as it is known. Throws TrustError for a trust that does
   not have its form, KeyError where the browser cannot verify signatures; a bad bundle is no error. */
export async function verifyBundle(bytes, trust, { onLink = () => {} } = {}) {
  const trusted = parseTrust(trust), links = [];
  const add = (link) => { links.push(link); onLink(link); };
  let evidence;
  try {
    evidence = new Evidence(readBundle(bytes), trusted);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    CHECKS.forEach(([name], i) => add(i
      ? { name, status: "not checked", detail: "the bundle cannot be read", local: false }
      : { name, status: "failed", detail: error.message, local: false }));
    return { ok: false, links };
  }
  for (const [name, check] of CHECKS) add(await linkOf(name, check, evidence));
  return { ok: links.every(({ status }) => status === "ok" || status === "absent"), links };
}

async function linkOf(name, check, evidence) {
  const link = (status, detail) => ({
    name, status, detail, local: status === "ok" && check === checkHeader && evidence.trust.chain.local });
  try {
    return link("ok", await check(evidence));
  } catch (error) {
    if (error instanceof KeyError && error.code !== "statement") throw error;
    if (error instanceof Absent) return link("absent", error.message);
    return link(error instanceof Unchecked ? "not checked" : "failed", error.message);
  }
}

/* The registration codes of the certificates in a bundle; read, not judged. */
export function bundleCodes(bytes) {
  const evidence = new Evidence(readBundle(bytes), null);
  return evidence.index.certificates.map(({ path }) => parse(evidence.file(path)).credentialSubject?.code);
}

async function manifest(evidence) {
  const { files, trust } = evidence;
  await checkManifest(files, trust.exchangeVkey);
  const { index } = evidence;
  if (index.origin !== trust.origin) throw new Broken(`the bundle is of ${index.origin}, not of ${trust.origin}`);
  for (const path of [...new Set([...index.paths, ...files.keys()])].sort()) {
    if (path === MANIFEST && !index.paths.has(path)) continue;
    const there = files.has(path) && path !== MANIFEST;
    if (there !== index.paths.has(path)) {
      throw new Broken(`${path} is ${there ? "not accounted for in" : "missing for"} bundle.json`);
    }
  }
  return `${files.size - 1} files about ${index.subject}, signed by ${trust.exchangeVkey}`;
}

function disclosures(evidence) {
  let fields = 0;
  for (const index of evidence.index.events) {
    const event = evidence.event(index);
    if (!equal(event.leaf, evidence.file(`leaves/${index}.json`))) {
      throw new Broken(`the fields of event ${index} do not make its leaf`);
    }
    fields += event.values.size;
  }
  return `${fields} fields of ${evidence.index.events.length} events`;
}

function inclusion(evidence) {
  const { checkpoint } = evidence;
  for (const index of evidence.index.events) {
    const path = `proofs/${index}.json`;
    const value = shaped(evidence.json(path), path, { index: "int", size: "int", path: "list" });
    if (value.index !== index || BigInt(value.size) !== checkpoint.size) {
      throw new Broken(`${path} is of another index or tree size`);
    }
    const leaf = hashLeaf(evidence.file(`leaves/${index}.json`));
    if (!verifyInclusion(index, value.size, leaf, hashes(value.path, path), checkpoint.root)) {
      throw new Broken(`leaf ${index} is not in the tree of ${checkpoint.size} leaves`);
    }
  }
  return `${evidence.index.events.length} leaves in the tree of ${checkpoint.size}`;
}

async function signedCheckpoint(evidence) {
  const { trust } = evidence;
  const checkpoint = parseCheckpoint(await verifyNote(evidence.file("checkpoint"), trust.logVkey));
  if (checkpoint.origin !== trust.origin) {
    throw new NoteError(`the checkpoint is of '${checkpoint.origin}', not of '${trust.origin}'`);
  }
  return `${checkpoint.size} leaves under ${hex(checkpoint.root)}, signed by ${trust.logVkey}`;
}

function consistency(evidence) {
  void evidence.chain;
  const { checkpoint, call } = evidence, path = "consistency.json";
  const value = shaped(evidence.json(path), path, { from: "int", to: "int", path: "list" });
  const [old, young] = checkpoint.size < call.size ? [checkpoint, call] : [call, checkpoint];
  if (BigInt(value.from) !== old.size || BigInt(value.to) !== young.size) {
    throw new Broken(`${path} is not between the sizes ${old.size} and ${young.size}`);
  }
  if (!verifyConsistency(value.from, value.to, old.root, young.root, hashes(value.path, path))) {
    throw new Broken(`the trees of ${old.size} and ${young.size} leaves are not one history`);
  }
  const late = evidence.index.events.find((index) => BigInt(index) >= call.size);
  if (late !== undefined) throw new Broken(`event ${late} is not covered by the anchored ${call.size} leaves`);
  return `anchored ${call.size} leaves, checkpoint ${checkpoint.size} leaves, one history`;
}

function transaction(evidence) {
  const { chain, transaction: found, call } = evidence;
  if (!equal(found.sender, chain.anchorer)) {
    throw new Broken(`signed by 0x${hex(found.sender)}, not by the trusted anchorer`);
  }
  if (!equal(found.to, chain.contract)) throw new Broken("sent to another address than the trusted contract");
  if (found.chainId !== BigInt(chain.id)) throw new Broken(`signed for chain ${found.chainId}, not for ${chain.id}`);
  if (!equal(found.hash, evidence.anchor.txHash)) throw new Broken("the transaction's hash is not the one in anchor.json");
  return `0x${hex(found.hash)} by 0x${hex(found.sender)}, ${call.size} leaves`;
}

function receipt(evidence) {
  const { chain, anchor, header } = evidence, key = indexKey(anchor.txIndex);
  for (const [name, root] of [["tx", header.transactionsRoot], ["receipt", header.receiptsRoot]]) {
    const path = `anchor/${name}_proof.json`;
    const nodes = hashes(shaped(evidence.json(path), path, { nodes: "list" }).nodes, path);
    if (!equal(valueAt(root, key, nodes), evidence.file(`anchor/${name}.bin`))) {
      throw new Broken(`the block holds another ${name} at index ${anchor.txIndex}`);
    }
  }
  const { succeeded, logs } = decodeReceipt(evidence.file("anchor/receipt.bin"));
  if (!succeeded) throw new Broken("the transaction was reverted");
  if (anchor.logIndex >= logs.length) throw new Broken(`the receipt has no log ${anchor.logIndex}`);
  const log = logs[anchor.logIndex];
  if (!equal(log.address, chain.contract)) throw new Broken("the log is not of the trusted contract");
  const found = decodeAnchored(log), { call } = evidence;
  if (found.size !== call.size || !equal(found.root, call.root)) {
    throw new Broken("the event says another head than the transaction");
  }
  return `Anchored(${found.size}) at index ${anchor.txIndex} of block ${header.number}`;
}

function checkHeader(evidence) {
  const { chain, anchor, header } = evidence;
  if (!equal(header.hash, anchor.blockHash) || header.number !== BigInt(anchor.blockNumber)) {
    throw new Broken("the header is not of the block in anchor.json");
  }
  if (chain.local) return `block ${header.number}; local, adds no independent trust`;
  if (!chain.blockHashes.has(hex(header.hash))) {
    throw new Broken(`block 0x${hex(header.hash)} is not among the trusted blocks`);
  }
  return `block ${header.number}, 0x${hex(header.hash)}`;
}

function chainIdentity(evidence) {
  const { chain, anchor } = evidence;
  const pairs = [
    ["chain id", anchor.chainId === chain.id], ["genesis", equal(anchor.genesis, chain.genesis)],
    ["contract", equal(anchor.contract, chain.contract)], ["code hash", equal(anchor.codeHash, chain.codeHash)]];
  for (const [name, same] of pairs) if (!same) throw new Broken(`another ${name} than the trusted one`);
  return `chain ${chain.id}, contract 0x${hex(chain.contract)}`;
}

const CHECKS = [
  ["manifest", manifest],
  ["disclosures", disclosures],
  ["inclusion", inclusion],
  ["checkpoint", signedCheckpoint],
  ["consistency", consistency],
  ["anchor transaction", transaction],
  ["receipt in header", receipt],
  ["block header", checkHeader],
  ["chain identity", chainIdentity],
  ["certificate", checkCertificates],
  ["contract signatures", checkContracts],
  ["usage statement", checkStatements],
];
