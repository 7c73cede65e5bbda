/* Computes for a page without holding it up: {deed, file, ...} in, {done} and {result} out. */

import { fingerprint } from "./digests.mjs";
import { answer } from "./possession.mjs";

const DEEDS = {
  fingerprint: ({ file, kind }, onProgress) => fingerprint(file, { kind, onProgress }),
  answer: ({ file, indexes }, onProgress) => answer(file, indexes, { onProgress }),
};

addEventListener("message", async ({ data }) => {
  try {
    const result = await DEEDS[data.deed](data, (done) => postMessage({ done }));
    postMessage({ result });
  } catch (error) {
    postMessage({ error: { name: error.name, message: error.message, code: error.code, line: error.line } });
  }
});
