/* Prints the possession answer for each {path, indexes}; `native` false hides WebCrypto. */

import { readFileSync } from "node:fs";
import { Blob } from "node:buffer";
import { answer } from "../../static/js/possession.mjs";

for (const { path, indexes, native } of JSON.parse(readFileSync(0, "utf8"))) {
  if (!native) Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  try {
    console.log(JSON.stringify(await answer(new Blob([readFileSync(path)]), indexes)));
  } catch (error) {
    console.log(JSON.stringify({ error: error.name, message: error.message }));
  }
}
