/* Prints the report of each {path, trust}, or the name of the error that the trust raises. */

import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { verifyBundle } from "../../static/js/verify.mjs";

globalThis.crypto ??= webcrypto;

for (const { path, trust } of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const told = [];
    const report = await verifyBundle(new Uint8Array(readFileSync(path)), trust, { onLink: (link) => told.push(link) });
    if (JSON.stringify(told) !== JSON.stringify(report.links)) throw new Error("links were told otherwise");
    console.log(JSON.stringify(report));
  } catch (error) {
    console.log(JSON.stringify({ error: error.constructor.name, message: error.message }));
  }
}
