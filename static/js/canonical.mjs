/* Canonical JSON and its strict reading: the rules of tallystick/canonical.py.

   RFC 8785 with ASCII keys, integers within ±(2^53−1) and no lone surrogates.
*/

export class CanonicalError extends Error {}

const MAX_DEPTH = 64;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/* The canonical text of a value. */
export function dumps(value, depth = 0) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") {
    if (LONE.test(value)) throw new CanonicalError("lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new CanonicalError("not an integer within 2^53-1");
    return String(value === 0 ? 0 : value);
  }
  if (typeof value !== "object") throw new CanonicalError(`${typeof value} has no canonical form`);
  if (depth === MAX_DEPTH) throw new CanonicalError("nested deeper than 64 levels");
  if (Array.isArray(value)) return `[${value.map((item) => dumps(item, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  if (!keys.every((key) => ASCII.test(key))) throw new CanonicalError("a key is not ASCII");
  return `{${keys.map((key) => `${JSON.stringify(key)}:${dumps(value[key], depth + 1)}`).join(",")}}`;
}

export const bytesOf = (value) => new TextEncoder().encode(dumps(value));

/* The value of JSON bytes that `dumps` takes; objects have no prototype. */
export function parse(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CanonicalError("not UTF-8");
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at !== text.length) reader.fail("more than one value");
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(reason) { throw new CanonicalError(`at character ${this.at}: ${reason}`); }

  space() { while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at++; }

  take(mark) {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at++;
    return true;
  }

  value(depth) {
    this.space();
    const { text, at } = this;
    if (text[at] === "{") return this.object(depth);
    if (text[at] === "[") return this.list(depth);
    if (text[at] === '"') return this.string();
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (text.startsWith(word, at)) { this.at += word.length; return value; }
    }
    return this.number();
  }

  number() {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) this.fail("not JSON");
    if (match[1] || match[2]) this.fail("not an integer");
    const number = Number(match[0]);
    if (!Number.isSafeInteger(number)) this.fail("integer beyond 2^53-1");
    this.at += match[0].length;
    return number === 0 ? 0 : number;
  }

  string() {
    const parts = [];
    this.at++;
    for (;;) {
      PLAIN.lastIndex = this.at;
      const plain = PLAIN.exec(this.text)[0];
      parts.push(plain);
      this.at += plain.length;
      const mark = this.text[this.at++];
      if (mark === '"') break;
      if (mark !== "\\") this.fail("a string is left open or has a control character");
      const kind = this.text[this.at++];
      if (kind === "u") {
        const digits = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("a broken escape");
        parts.push(String.fromCharCode(parseInt(digits, 16)));
        this.at += 4;
      } else if (Object.hasOwn(ESCAPES, kind ?? "")) parts.push(ESCAPES[kind]);
      else this.fail("a broken escape");
    }
    const text = parts.join("");
    if (LONE.test(text)) this.fail("lone surrogate");
    return text;
  }

  list(depth) {
    if (depth === MAX_DEPTH) this.fail("nested deeper than 64 levels");
    const items = [];
    this.at++;
    if (this.take("]")) return items;
    do items.push(this.value(depth + 1)); while (this.take(","));
    if (!this.take("]")) this.fail("a list is left open");
    return items;
  }

  object(depth) {
    if (depth === MAX_DEPTH) this.fail("nested deeper than 64 levels");
    const found = Object.create(null);
    this.at++;
    if (this.take("}")) return found;
    do {
      this.space();
      if (this.text[this.at] !== '"') this.fail("a key is a string");
      const key = this.string();
      if (!ASCII.test(key)) this.fail("a key is not ASCII");
      if (key in found) this.fail("a key stands twice in one object");
      if (!this.take(":")) this.fail("a key without a value");
      found[key] = this.value(depth + 1);
    } while (this.take(","));
    if (!this.take("}")) this.fail("an object is left open");
    return found;
  }
}
