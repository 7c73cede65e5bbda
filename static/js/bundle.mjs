/* The one ZIP that a proof bundle is, and its signed list: docs/reference/bundle.md. */

import { concat, equal, hex, sha256, utf8 } from "./hashes.mjs";
import { verifyNote } from "./note.mjs";

export const MANIFEST = "MANIFEST";
const HEADING = "tallystick/bundle/v1";
const MAX_BYTES = 64 << 20;
const MAX_FILES = 20000;
const LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50;
const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,3}$/;
const LINE = /^([0-9a-f]{64}) (0|[1-9][0-9]{0,8}) (\S+)$/;

export class BundleError extends Error {}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = CRC[(crc ^ bytes[i]) & 255] ^ crc >>> 8;
  return ~crc >>> 0;
}

function requirePath(path) {
  if (!PATH.test(path) || path.length > 120) throw new BundleError(`'${path}' is not a path that a bundle holds`);
}

/* Every file of a bundle by its path. What is written anew from them must be the bytes that were read,
   so that no two readers can see different files. Throws BundleError. */
export function readBundle(data) {
  if (data.length > MAX_BYTES) throw new BundleError("the bundle is too large");
  const files = entries(data);
  if (!files.has(MANIFEST)) throw new BundleError("there is no MANIFEST");
  if (!equal(zip(files), data)) throw new BundleError("the ZIP is not in the one form that a bundle has");
  return files;
}

function entries(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const files = new Map();
  let offset = 0;
  while (offset + 30 <= data.length && view.getUint32(offset, true) === LOCAL) {
    const flags = view.getUint16(offset + 6, true), method = view.getUint16(offset + 8, true);
    const checksum = view.getUint32(offset + 14, true), size = view.getUint32(offset + 22, true);
    const start = offset + 30 + view.getUint16(offset + 26, true);
    const path = String.fromCharCode(...data.subarray(offset + 30, start));
    requirePath(path);
    if (flags || method) throw new BundleError(`${path} is encrypted, compressed or otherwise special`);
    if (files.has(path)) throw new BundleError(`${path} stands twice`);
    offset = start + size;
    const content = data.subarray(start, offset);
    if (offset > data.length || crc32(content) !== checksum) throw new BundleError(`${path} is cut off or damaged`);
    files.set(path, content);
    if (files.size > MAX_FILES) throw new BundleError("too much for one bundle");
  }
  return files;
}

const order = (one, other) => (one === MANIFEST ? -1 : other === MANIFEST ? 1 : one < other ? -1 : 1);

/* Little-endian fields, 2 or 4 bytes each: [[value, bytes], ...]. */
function record(fields) {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of fields) {
    if (bytes === 4) out.setUint32(at, value, true); else out.setUint16(at, value, true);
    at += bytes;
  }
  return new Uint8Array(out.buffer);
}

/* The one ZIP over these files: stored, MANIFEST first, dated 1980-01-01, version 20, made on Unix. */
function zip(files) {
  const body = [], directory = [];
  let offset = 0;
  for (const path of [...files.keys()].sort(order)) {
    const content = files.get(path), name = utf8(path), n = content.length;
    const common = [[20, 2], [0, 2], [0, 2], [0, 2], [33, 2], [crc32(content), 4], [n, 4], [n, 4], [name.length, 2], [0, 2]];
    const head = record([[LOCAL, 4], ...common]);
    body.push(head, name, content);
    directory.push(record([[CENTRAL, 4], [3 << 8 | 20, 2], ...common,
      [0, 2], [0, 2], [0, 2], [0o100644 * 65536, 4], [offset, 4]]), name);
    offset += head.length + name.length + n;
  }
  const listing = concat(...directory);
  return concat(...body, listing,
    record([[END, 4], [0, 2], [0, 2], [files.size, 2], [files.size, 2], [listing.length, 4], [offset, 4], [0, 2]]));
}

/* Once the key of `vkey` signed the list, and the other files are those listed. */
export async function checkManifest(files, vkey) {
  const listed = listing(await verifyNote(files.get(MANIFEST), vkey));
  const present = new Map([...files].filter(([path]) => path !== MANIFEST));
  for (const path of [...new Set([...listed.keys(), ...present.keys()])].sort()) {
    if (!present.has(path)) throw new BundleError(`${path} is missing`);
    if (!listed.has(path)) throw new BundleError(`${path} is not listed in the manifest`);
  }
  for (const [path, content] of [...present].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [digest, size] = listed.get(path);
    if (size !== content.length || digest !== hex(sha256(content))) {
      throw new BundleError(`${path} is not the file that the manifest lists`);
    }
  }
}

function listing(text) {
  const [heading, ...lines] = text.slice(0, -1).split("\n");
  if (heading !== HEADING) throw new BundleError("the manifest is not of a bundle");
  const listed = new Map();
  for (const line of lines) {
    const match = LINE.exec(line);
    if (!match || listed.has(match[3])) throw new BundleError("the manifest has a malformed or doubled line");
    listed.set(match[3], [match[1], Number(match[2])]);
  }
  return listed;
}
