/* Keys over a store in memory: prints what a key made here signs, and what a given one signs. */

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import {
  fromMultibase, isSound, KeyError, Keys, parsePublic, possessionDigest, statementBytes, verifyEd25519,
} from "../../static/js/keys.mjs";
import { hex, unhex } from "../../static/js/hashes.mjs";

globalThis.crypto ??= webcrypto;

class MemoryStore {
  constructor() { this.rows = new Map(); }
  async put(row) { this.rows.set(row.publicKey, row); }
  async get(publicKey) { return this.rows.get(publicKey); }
  async all() { return [...this.rows.values()]; }
  async delete(publicKey) { this.rows.delete(publicKey); }
}

const input = JSON.parse(readFileSync(0, "utf8"));
const store = new MemoryStore();
const keys = new Keys(store);
const codeOf = async (deed) => {
  try { await deed(); return null; } catch (error) { return error instanceof KeyError ? error.code : String(error); }
};

const publicKey = await keys.make("org_1", "One");
await keys.make("org_2", "Two");
const pkcs8 = unhex(`302e020100300506032b657004220420${input.private_key}`);
const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, false, ["sign"]);
await store.put({ publicKey: input.public_key, organisation: "org_3", name: "", made: "2000", privateKey });

const made = {
  publicKey,
  signature: await keys.sign(publicKey, input.statement),
  enrolment: await keys.enrol(publicKey, input.enrolment),
  exported: await codeOf(async () => crypto.subtle.exportKey("pkcs8", store.rows.get(publicKey).privateKey)),
};
const given = {
  signature: await keys.sign(input.public_key, input.statement),
  enrolment: await keys.enrol(input.public_key, input.enrolment),
  digest: possessionDigest(input.public_key, input.enrolment.challenge, input.enrolment.document),
  verified: await verifyEd25519(unhex(input.public_key), unhex(input.statement.signature),
    statementBytes(input.statement.purpose, input.statement.origin, input.statement.digest, input.statement.role)),
  refused: await verifyEd25519(unhex(input.public_key), unhex(input.statement.signature), new Uint8Array(3)),
};
const listed = (await keys.list("org_1")).map((row) => [row.publicKey, row.organisation, row.name, "privateKey" in row]);
const count = (await keys.list()).length;
await keys.forget(publicKey);
const gone = await codeOf(() => keys.sign(publicKey, input.statement));
const malformed = [];
for (const change of input.malformed) malformed.push(await codeOf(async () => {
  const { purpose, origin, digest, role } = { ...input.statement, ...change };
  statementBytes(purpose, origin, digest, role);
}));
const publics = input.publics.map((text) => { const key = parsePublic(text); return key && hex(key); });
const bases = input.bases.map((text) => { const raw = fromMultibase(text); return raw && hex(raw); });
const sound = isSound(unhex(input.public_key));
delete globalThis.crypto;
Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
const insecure = await codeOf(() => keys.make("org_1"));
Object.defineProperty(globalThis, "crypto", { value: { subtle: { generateKey: async () => { throw new Error("no"); } } } });
const unsupported = await codeOf(() => keys.make("org_1"));
console.log(JSON.stringify({ made, given, listed, count, gone, malformed, publics, bases, sound, insecure, unsupported }));
