/* The fingerprint of a file in one pass at constant memory: docs/reference/fingerprint.md.

   const { manifest, text, digest, tableRefusal } = await fingerprint(file);
*/

import { Blake3 } from "./blake3.mjs";
import { dumps } from "./canonical.mjs";
import { concat, hex, Sha256, sha256, Sm3, utf8 } from "./hashes.mjs";
import { TableError, TableSink } from "./table.mjs";
import { Fold } from "./tree.mjs";

export { TableError } from "./table.mjs";
export const CHUNK = 65536;
const READ = 32 * CHUNK;
const LEAF = Uint8Array.of(0);

export const chunkCount = (size) => Math.ceil(size / CHUNK);

/* Leaf hashes of a block that begins at a chunk boundary; the browser's own SHA-256 is faster. */
export function chunkHashes(block) {
  const subtle = globalThis.crypto?.subtle;
  const leaves = [];
  for (let at = 0; at < block.length; at += CHUNK) {
    const leaf = concat(LEAF, block.subarray(at, at + CHUNK));
    leaves.push(subtle ? subtle.digest("SHA-256", leaf).then((raw) => new Uint8Array(raw)) : sha256(leaf));
  }
  return Promise.all(leaves);
}

/* The blocks of a file in order; the next is read while one is worked on. */
export async function* blocks(file, { start = 0, end = file.size, signal } = {}) {
  const read = (at) => file.slice(at, Math.min(at + READ, end)).arrayBuffer();
  let next = start < end ? read(start) : null;
  for (let at = start; at < end; at += READ) {
    signal?.throwIfAborted();
    const block = new Uint8Array(await next);
    if (block.length !== Math.min(READ, end - at)) throw new Error("the file ended early");
    next = at + READ < end ? read(at + READ) : null;
    next?.catch(() => {}); // a failure is met when it is awaited
    yield block;
  }
}

/* Reads a table and gives up on a file that is none, keeping the reason. */
class TableAttempt {
  constructor(strict) {
    this.sink = new TableSink();
    this.strict = strict;
    this.refusal = null;
  }

  try(deed) {
    if (this.refusal) return null;
    try {
      return deed(this.sink);
    } catch (error) {
      if (this.strict || !(error instanceof TableError)) throw error;
      this.refusal = { code: error.code, line: error.line, message: error.message };
      return null;
    }
  }
}

/* The manifest, its canonical text and digest. `kind` is auto, csv or binary, as on the command
   line; `onProgress` gets the bytes read so far; an aborted `signal` ends it with its reason. */
export async function fingerprint(file, { kind = "auto", onProgress, signal } = {}) {
  const named = /[^/\\]\.csv$/i.test(file.name ?? "");
  const isTable = kind === "csv" || (kind === "auto" && named);
  const attempt = isTable ? new TableAttempt(kind === "csv") : null;
  const hashes = [new Sha256(), new Sm3(), new Blake3()];
  const fold = new Fold();
  let size = 0;
  for await (const block of blocks(file, { signal })) {
    const leaves = chunkHashes(block);
    for (const hash of hashes) hash.update(block);
    attempt?.try((sink) => sink.update(block));
    for (const leaf of await leaves) fold.append(leaf);
    size += block.length;
    onProgress?.(size);
  }
  const table = attempt?.try((sink) => sink.table());
  const [sha, sm, blake] = hashes.map((hash) => hex(hash.digest()));
  const manifest = {
    v: 1, size, sha256: sha, sm3: sm, blake3: blake,
    chunks: { size: CHUNK, count: chunkCount(size), root: hex(fold.root()) },
    ...(table ? { table } : {}),
  };
  const text = dumps(manifest);
  return { manifest, text, digest: hex(sha256(utf8(text))), tableRefusal: attempt?.refusal ?? null };
}
