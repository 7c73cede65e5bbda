/* Prints {algorithm: hex} of SHA-256, SM3 and BLAKE3 for each [length, cuts]: bytes i mod 251. */

import { readFileSync } from "node:fs";
import { Blake3 } from "../../static/js/blake3.mjs";
import { hex, Sha256, Sm3 } from "../../static/js/hashes.mjs";

for (const [length, cuts] of JSON.parse(readFileSync(0, "utf8"))) {
  const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
  const found = {};
  for (const [name, Hash] of Object.entries({ sha256: Sha256, sm3: Sm3, blake3: Blake3 })) {
    const hash = new Hash();
    [0, ...cuts].forEach((start, i) => hash.update(bytes.subarray(start, cuts[i] ?? length)));
    found[name] = hex(hash.digest());
  }
  console.log(JSON.stringify(found));
}
