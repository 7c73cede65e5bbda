/* One strict dialect of CSV and its order-free row digest: docs/reference/fingerprint.md. */

import { Blake3, blake3 } from "./blake3.mjs";
import { bytesOf } from "./canonical.mjs";
import { concat, hex, sha256 } from "./hashes.mjs";

export const MAX_ROWS = 2 ** 28;
const MAX_COLUMNS = 4096;
const MAX_NAME = 256;
const MAX_RECORD = 4 << 20;
const BLOCK = 1 << 18;
const LF = 10, CR = 13, QUOTE = 34, COMMA = 44;

/* The file is no table. `line` is counted from 1; `code` as in docs/reference/fingerprint.md. */
export class TableError extends Error {
  constructor(code, said, line = 1) {
    super(`line ${line}: ${said}`);
    this.code = code;
    this.said = said;
    this.line = line;
  }
}

function count(bytes, byte, start, end) {
  let found = 0;
  for (let i = start; i < end; i++) if (bytes[i] === byte) found++;
  return found;
}

const fault = (block, at, code, said) => new TableError(code, said, count(block, LF, 0, at) + 1);

/* ---- whole records out of a stream ---- */

/* Where the last record that ends in bytes[start..stop) ends; `start` when none does. */
function lastRecordEnd(bytes, start, stop) {
  let cut = bytes.lastIndexOf(LF, stop - 1);
  if (cut < start) return start;
  let quotes = count(bytes, QUOTE, start, cut);
  while (quotes % 2) {
    const opening = bytes.lastIndexOf(QUOTE, cut - 1);
    const earlier = opening > start ? bytes.lastIndexOf(LF, opening - 1) : -1;
    if (earlier < start) return start;
    quotes -= count(bytes, QUOTE, earlier, cut);
    cut = earlier;
  }
  return cut + 1;
}

function blockEnd(bytes, start) {
  for (let window = BLOCK; start + window <= bytes.length; window *= 2) {
    const end = lastRecordEnd(bytes, start, start + window);
    if (end > start) return end;
    if (window === MAX_RECORD) {
      throw new TableError("record_size", "no record ends within 4 MiB; a quote left open?");
    }
  }
  return start;
}

/* ---- text ---- */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/* The length of the UTF-8 sequence at `at`, 0 where none is. Source: Unicode 15, table 3-7. */
function sequence(b, at) {
  const first = b[at];
  if (first < 0x80) return 1;
  const follows = (i, low = 0x80, high = 0xbf) => b[at + i] >= low && b[at + i] <= high;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80, high = first === 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80, high = first === 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

function checkText(block) {
  try {
    decoder.decode(block);
  } catch {
    let at = 0;
    for (let step = sequence(block, 0); step; step = sequence(block, at)) at += step;
    throw fault(block, at, "encoding", "not UTF-8");
  }
  const nul = block.indexOf(0);
  if (nul >= 0) throw fault(block, nul, "nul", "NUL byte");
}

/* ---- records ---- */

/* Reads the cells of records into one buffer, each behind its length: a row as it is hashed. */
class RecordReader {
  constructor(block) {
    this.block = block;
    this.row = new Uint8Array(1 << 16);
    this.view = new DataView(this.row.buffer);
    this.quote = -1;
  }

  /* Read the record at `at`: cells into `row`, their number into `cells`, then where it ends.
     Of a record with more cells than `columns` no more than one more is told apart. */
  read(at, columns) {
    const { block } = this;
    this.length = this.cells = 0;
    let end = block.indexOf(LF, at);
    if (end < 0) end = block.length;
    if (this.quote < at) {
      this.quote = block.indexOf(QUOTE, at);
      if (this.quote < 0) this.quote = block.length;
    }
    this.room(end - at + 4 * columns + 8);
    if (this.quote < end) return this.quoted(at, columns);
    const stop = end < block.length && end > at && block[end - 1] === CR ? end - 1 : end;
    for (let start = at; ; ) {
      let i = start;
      for (; i < stop; i++) {
        const byte = block[i];
        if (byte === COMMA && this.cells < columns) break;
        if (byte === CR) throw fault(block, at, "carriage_return", "bare carriage return");
      }
      this.put(start, i);
      if (i === stop) break;
      start = i + 1;
    }
    return end + 1;
  }

  quoted(at, columns) {
    const { block } = this;
    while (this.cells <= columns) {
      const start = at;
      if (block[at] === QUOTE) {
        let close = block.indexOf(QUOTE, at + 1);
        while (close >= 0 && block[close + 1] === QUOTE) close = block.indexOf(QUOTE, close + 2);
        if (close < 0) this.fail(start);
        this.room(close - start);
        this.putQuoted(start + 1, close);
        at = close + 1;
      } else {
        while (at < block.length && !isMark(block[at])) at++;
        this.room(at - start);
        this.put(start, at);
      }
      if (at >= block.length) return at;
      if (block[at] === COMMA) { at++; continue; }
      if (block[at] === CR && block[at + 1] === LF) return at + 2;
      if (block[at] === LF) return at + 1;
      this.fail(start);
    }
    return at;
  }

  fail(start) {
    let stop = start;
    while (stop < this.block.length && !isMark(this.block[stop])) stop++;
    if (this.block[stop] === CR) {
      throw fault(this.block, stop, "carriage_return", "bare carriage return");
    }
    throw fault(this.block, start, "quote", "a quote stands where RFC 4180 allows none");
  }

  room(more) {
    if (this.length + more + 8 <= this.row.length) return;
    const grown = new Uint8Array(2 * (this.length + more + 8));
    grown.set(this.row.subarray(0, this.length));
    this.row = grown;
    this.view = new DataView(grown.buffer);
  }

  put(start, end) {
    this.view.setUint32(this.length, end - start, true);
    let to = this.length + 4;
    for (let i = start; i < end; i++) this.row[to++] = this.block[i];
    this.length = to;
    this.cells++;
  }

  putQuoted(start, end) {
    let to = this.length + 4;
    for (let i = start; i < end; i++) {
      this.row[to++] = this.block[i];
      if (this.block[i] === QUOTE) i++;
    }
    this.view.setUint32(this.length, to - this.length - 4, true);
    this.length = to;
    this.cells++;
  }

  /* The cells that were read, as bytes. */
  values() {
    const found = [];
    for (let at = 0; at < this.length; ) {
      const end = at + 4 + this.view.getUint32(at, true);
      found.push(this.row.slice(at + 4, end));
      at = end;
    }
    return found;
  }
}

const isMark = (byte) => byte === QUOTE || byte === COMMA || byte === CR || byte === LF;

function headerRefusal(names) {
  if (names.length < 1 || names.length > MAX_COLUMNS) return `a table has 1 to ${MAX_COLUMNS} columns`;
  const odd = names.findIndex((name) => !name || [...name].length > MAX_NAME);
  if (odd >= 0) return `the name of column ${odd + 1} must have 1 to ${MAX_NAME} characters`;
  const double = names.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  return double === undefined ? null : `two columns are named '${double}'`;
}

/* Takes a CSV file block by block; `table()` is its part of the manifest. */
export class TableSink {
  constructor() {
    this.rest = new Uint8Array(0);
    this.started = false;
    this.columns = [];
    this.rows = this.lines = 0;
    this.lanes = new Int32Array(1024);
    this.hash = new Blake3();
  }

  /* Take the next bytes; the first block holds 3 bytes at least, or all. */
  update(bytes) {
    const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    const data = !this.started && marked ? bytes.subarray(3) : bytes;
    this.started = true;
    this.take(data, false);
  }

  table() {
    this.take(new Uint8Array(0), true);
    if (!this.columns.length) throw new TableError("empty", "an empty file has no header");
    const state = new DataView(new ArrayBuffer(4096));
    this.lanes.forEach((lane, i) => state.setInt32(4 * i, lane, true));
    const columns = this.columns.map((name) => ({ name }));
    return {
      format: "csv", encoding: "utf-8", delimiter: ",", columns,
      schema_sha256: hex(sha256(bytesOf(columns))), rows: this.rows,
      row_digest: this.rows > MAX_ROWS ? null : hex(blake3(new Uint8Array(state.buffer))),
    };
  }

  take(bytes, final) {
    try {
      const data = this.rest.length ? concat(this.rest, bytes) : bytes;
      let start = 0;
      while (start < data.length) {
        const end = blockEnd(data, start);
        if (end === start) break;
        this.add(data.subarray(start, end));
        start = end;
      }
      if (final && start < data.length) this.add(data.subarray(start));
      this.rest = final ? new Uint8Array(0) : data.slice(start);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      throw new TableError(error.code, error.said, error.line + this.lines);
    }
  }

  add(block) {
    checkText(block);
    const reader = new RecordReader(block);
    let at = 0;
    if (!this.columns.length) {
      at = reader.read(0, MAX_COLUMNS);
      const names = reader.values().map((name) => decoder.decode(name));
      const reason = headerRefusal(names);
      if (reason) throw new TableError("header", reason);
      this.columns = names;
    }
    const width = this.columns.length;
    let rows = 0;
    while (at < block.length) {
      const begun = at;
      at = reader.read(at, width);
      if (reader.cells !== width) {
        const found = reader.cells > width ? `more than ${width}` : reader.cells;
        throw fault(block, begun, "ragged", `${width} cells expected, ${found} found`);
      }
      rows++;
      if (this.rows <= MAX_ROWS) {
        this.hash.reset().update(reader.row.subarray(0, reader.length)).addTo(this.lanes);
      }
    }
    this.rows += rows;
    this.lines += count(block, LF, 0, block.length);
  }
}
