/* The answer to a possession challenge, as the API takes it: docs/reference/fingerprint.md. */

import { blocks, CHUNK, chunkCount, chunkHashes } from "./digests.mjs";
import { hex } from "./hashes.mjs";
import { Fold, pathRanges } from "./tree.mjs";

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/* {answers, root}: chunk, path and index each, and the root of the file's chunk tree.

   One pass makes the leaf hashes (32 bytes each 64 KiB); paths follow from them. RangeError for
   a chunk that the file does not have. */
export async function answer(file, indexes, { onProgress, signal } = {}) {
  const count = chunkCount(file.size);
  for (const index of indexes) {
    if (!Number.isSafeInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`index ${index} is outside a tree of ${count} leaves`);
    }
  }
  const leaves = [];
  for await (const block of blocks(file, { signal })) {
    leaves.push(...await chunkHashes(block));
    onProgress?.(Math.min(leaves.length * CHUNK, file.size));
  }
  const rootOf = (start, end) => {
    const fold = new Fold();
    for (let i = start; i < end; i++) fold.append(leaves[i]);
    return fold.root();
  };
  const answers = [];
  for (const index of indexes) {
    const chunk = await file.slice(index * CHUNK, (index + 1) * CHUNK).arrayBuffer();
    const path = pathRanges(index, count).map(([start, end]) => hex(rootOf(start, end)));
    answers.push({ index, chunk: base64(new Uint8Array(chunk)), path });
  }
  return { answers, root: hex(rootOf(0, count)) };
}
