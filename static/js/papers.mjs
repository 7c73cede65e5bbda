/* The checks of what parties hold in their hands: certificate, contract, usage statement. */

import { bytesOf, dumps } from "./canonical.mjs";
import { Absent, Broken, shaped } from "./evidence.mjs";
import { concat, hex, sha256 } from "./hashes.mjs";
import { fromMultibase, isSound, parsePublic, possessionDigest, statementBytes, verifyEd25519 } from "./keys.mjs";
import { unhexed } from "./note.mjs";
import { hashLeaf, rootOf } from "./tree.mjs";

const ROLES = ["seller", "buyer"];
const CONCLUDED = { contract: "ContractFinalized", statement: "StatementCountersigned" };
const SIGNED = { contract: "ContractSigned", statement: "StatementSigned" };

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isFact = (event, fact) => event.type.slice(event.type.lastIndexOf(".") + 1) === fact;
const equalValues = (one, other) => one !== undefined && other !== undefined && dumps(one) === dumps(other);

/* ---- credentials: the cryptosuite eddsa-jcs-2022 ---- */

export async function verifyCredential(credential, publicKey) {
  const proof = isObject(credential) ? credential.proof : null;
  if (!isObject(proof)) throw new Broken("there is no proof");
  const { proofValue, ...options } = proof;
  const wanted = { type: "DataIntegrityProof", cryptosuite: "eddsa-jcs-2022", proofPurpose: "assertionMethod" };
  for (const [name, value] of Object.entries(wanted)) {
    if (options[name] !== value) throw new Broken(`the proof's ${name} is not ${value}`);
  }
  if (typeof options.verificationMethod !== "string") throw new Broken("the proof names no verification method");
  const signature = fromMultibase(proofValue);
  if (!signature) throw new Broken("the proof has no base58 value");
  const { proof: _proof, ...document } = credential;
  if ("@context" in options) document["@context"] = sharedContext(document["@context"], options["@context"]);
  const data = concat(sha256(bytesOf(options)), sha256(bytesOf(document)));
  if (!await verifyEd25519(publicKey, signature, data)) {
    throw new Broken("the proof is not of this key over this document");
  }
}

function sharedContext(held, signed) {
  const heldList = Array.isArray(held) ? held : [held ?? null], signedList = Array.isArray(signed) ? signed : [signed];
  if (!equalValues(heldList.slice(0, signedList.length), signedList)) {
    throw new Broken("the document's @context does not begin with the proof's");
  }
  return signed;
}

export async function checkCertificates(evidence) {
  const papers = evidence.index.certificates;
  if (!papers.length) throw new Absent("the bundle holds no certificate");
  const { trust } = evidence, found = [];
  for (const paper of papers) {
    const document = evidence.json(paper.path);
    await verifyCredential(document, trust.issuerKey);
    const issuer = isObject(document.issuer) ? document.issuer.id : document.issuer;
    const method = document.proof.verificationMethod.split("#")[0];
    if (issuer !== trust.did || method !== trust.did) {
      throw new Broken(`${paper.path} is not issued by ${trust.did}`);
    }
    const event = committingEvent(evidence, paper, "CertificateIssued");
    found.push(`${paper.path} issued by event ${event.index} (${event.type})`);
  }
  return found.join("; ");
}

/* ---- contracts and statements ---- */

export async function checkContracts(evidence) {
  const papers = evidence.index.contracts;
  if (!papers.length) throw new Absent("the bundle holds no contract");
  const found = [];
  for (const paper of papers) {
    const parties = partiesOf(evidence, paper.path);
    const event = committingEvent(evidence, paper, CONCLUDED.contract);
    found.push(`${paper.path} signed by ${await checkSignatures(evidence, paper, "contract", parties, event.index)}`);
  }
  return found.join("; ");
}

export async function checkStatements(evidence) {
  const papers = evidence.index.statements;
  if (!papers.length) throw new Absent("the bundle holds no usage statement");
  const found = [];
  for (const paper of papers) found.push(await checkStatement(evidence, paper));
  return found.join("; ");
}

async function checkStatement(evidence, paper) {
  const { path } = paper, statement = evidence.json(path);
  if (!evidence.index.contracts.some((contract) => contract.path === paper.contract)) {
    throw new Broken(`${path} is under a contract that the bundle does not hold`);
  }
  if (!isObject(statement)) throw new Broken(`${path} is not an object`);
  if (statement.contract_digest !== evidence.digest(paper.contract)) {
    throw new Broken(`${path} is of another contract than ${paper.contract}`);
  }
  const lines = linesOf(path, statement);
  const event = committingEvent(evidence, paper, CONCLUDED.statement);
  const root = hex(rootOf(lines.map((line) => hashLeaf(bytesOf(line)))));
  if (root !== statement.root || root !== event.values.get(paper.root_field)) {
    throw new Broken(`${path}: the lines do not make the root that was recorded`);
  }
  const parties = partiesOf(evidence, paper.contract);
  const signed = await checkSignatures(evidence, paper, "statement", parties, event.index);
  return `${path} with ${lines.length} lines countersigned by ${signed}`;
}

function linesOf(path, statement) {
  const { lines } = statement;
  if (!Array.isArray(lines)) throw new Broken(`${path} has no lines`);
  let total = 0n;
  for (const line of lines) {
    const { billed_units: units, unit_price_fen: price, amount_fen: amount } = isObject(line) ? line : {};
    if (![units, price, amount].every(Number.isSafeInteger) || BigInt(units) * BigInt(price) !== BigInt(amount)) {
      throw new Broken(`${path}: a line's amount is not its billed units at its price`);
    }
    total += BigInt(amount);
  }
  if (!Number.isSafeInteger(statement.amount_fen) || BigInt(statement.amount_fen) !== total) {
    throw new Broken(`${path}: the amount is not the sum of the lines`);
  }
  return lines;
}

/* The event of the bundle that is this fact and whose field is the digest of the paper. */
function committingEvent(evidence, paper, fact) {
  if (!evidence.index.events.includes(paper.event)) {
    throw new Broken(`${paper.path} names an event that the bundle does not hold`);
  }
  const event = evidence.event(paper.event);
  if (!isFact(event, fact)) throw new Broken(`${paper.path}: event ${event.index} is ${event.type}, not ${fact}`);
  if (event.values.get(paper.field) !== evidence.digest(paper.path)) {
    throw new Broken(`${paper.path} is not what event ${event.index} committed to`);
  }
  return event;
}

function partiesOf(evidence, path) {
  const contract = evidence.json(path), parties = new Map();
  for (const role of ROLES) {
    const party = isObject(contract) ? contract[role] : null;
    const name = isObject(party) ? party.id : null;
    if (typeof name !== "string" || !name) throw new Broken(`${path} does not name its ${role}`);
    parties.set(role, name);
  }
  if (new Set(parties.values()).size !== ROLES.length) {
    throw new Broken(`${path} has one organisation on both sides`);
  }
  return parties;
}

/* Every role signed the paper's digest once, each with a key of its own. */
async function checkSignatures(evidence, paper, purpose, parties, before) {
  const signed = new Map();
  for (const path of paper.signatures) {
    const value = shaped(evidence.json(path), path, {
      purpose: "str", origin: "str", digest: "str", role: "str", organisation: "str", public_key: "str",
      signature: "str", key_event: "int" });
    if (signed.has(value.role) || parties.get(value.role) !== value.organisation) {
      throw new Broken(`${path}: ${value.organisation} has no open signature as ${value.role}`);
    }
    const publicKey = await checkSignature(evidence, paper, purpose, path, value);
    signed.set(value.role, hex(publicKey));
    await checkKey(evidence, path, value, publicKey, signingIndex(evidence, purpose, value, before));
  }
  const missing = ROLES.filter((role) => !signed.has(role)).sort();
  if (missing.length) throw new Broken(`${paper.path} is not signed by its ${missing.join(" and ")}`);
  if (new Set(signed.values()).size !== signed.size) throw new Broken(`${paper.path} is signed twice with one key`);
  return ROLES.map((role) => `${role} ${parties.get(role)}`).join(" and ");
}

async function checkSignature(evidence, paper, purpose, path, value) {
  const { origin } = evidence.trust, digest = evidence.digest(paper.path), { role } = value;
  for (const [name, expected] of Object.entries({ purpose, origin, digest })) {
    if (value[name] !== expected) throw new Broken(`${path}: another ${name} than that of ${paper.path}`);
  }
  const publicKey = parsePublic(value.public_key);
  if (!publicKey) throw new Broken(`${path}: not an Ed25519 public key`);
  const signature = of(path, () => unhexed(value.signature, 64));
  const statement = of(path, () => statementBytes(purpose, origin, digest, role));
  if (!await verifyEd25519(publicKey, signature, statement)) {
    throw new Broken(`${path}: the signature is not of this key over this statement`);
  }
  return publicKey;
}

function of(path, deed) {
  try { return deed(); } catch (error) { throw new Broken(`${path}: ${error.message}`); }
}

/* The log index at which a signature was recorded; `before` where the bundle shows none. */
function signingIndex(evidence, purpose, value, before) {
  for (const index of evidence.index.events) {
    const event = evidence.event(index);
    const same = ["digest", "role", "signature"].every((name) => event.values.get(name) === value[name]);
    if (isFact(event, SIGNED[purpose]) && same) return Math.min(index, before);
  }
  return before;
}

/* The key was enrolled for the organisation before event `before`, and not revoked by then. */
async function checkKey(evidence, path, value, publicKey, before) {
  const { events } = evidence.index, at = value.key_event;
  if (!events.includes(at) || at >= before) throw new Broken(`${path}: no earlier event of the bundle enrolled the key`);
  const enrolled = evidence.event(at);
  if (!isAboutKey(enrolled, "KeyEnrolled", publicKey)) throw new Broken(`${path}: event ${at} did not enrol this key`);
  if (enrolled.values.get("organisation") !== value.organisation) {
    throw new Broken(`${path}: the key was enrolled for another organisation`);
  }
  await checkPossession(evidence, enrolled, publicKey);
  for (const index of events) {
    if (at < index && index < before && isAboutKey(evidence.event(index), "KeyRevoked", publicKey)) {
      throw new Broken(`${path}: event ${index} revoked the key before`);
    }
  }
}

async function checkPossession(evidence, enrolled, publicKey) {
  const at = `event ${enrolled.index}`;
  const [challenge, document, given] = ["challenge", "document_sha256", "signature"]
    .map((name) => enrolled.values.get(name));
  if (![challenge, document, given].every((value) => typeof value === "string")) {
    throw new Broken(`${at} does not disclose the proof of possession`);
  }
  const statement = of(at, () => statementBytes("possession", evidence.trust.origin,
    possessionDigest(hex(publicKey), challenge, document), "holder"));
  const signature = of(at, () => unhexed(given, 64));
  if (!isSound(publicKey) || !await verifyEd25519(publicKey, signature, statement)) {
    throw new Broken(`${at}: the proof of possession fails`);
  }
}

function isAboutKey(event, fact, publicKey) {
  const key = event.values.get("public_key");
  if (!isFact(event, fact) || typeof key !== "string") return false;
  const parsed = parsePublic(key);
  if (!parsed) throw new Broken(`event ${event.index} has a malformed public key`);
  return hex(parsed) === hex(publicKey);
}
