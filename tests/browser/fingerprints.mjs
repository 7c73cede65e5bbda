/* Prints, for each file of a list [{path, name, kind}], its fingerprint or why it has none. */

import { readFileSync } from "node:fs";
import { Blob } from "node:buffer";
import { fingerprint } from "../../static/js/digests.mjs";

for (const { path, name, kind } of JSON.parse(readFileSync(0, "utf8"))) {
  const file = new Blob([readFileSync(path)]);
  file.name = name;
  try {
    const { text, digest, tableRefusal } = await fingerprint(file, { kind });
    console.log(JSON.stringify({ text, digest, tableRefusal }));
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, line: error.line, message: error.message }));
  }
}
