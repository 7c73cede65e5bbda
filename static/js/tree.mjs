/* The Merkle tree of RFC 6962 (RFC 9162 section 2.1), as tallystick/proof/tree.py. */

import { concat, equal, sha256 } from "./hashes.mjs";

const LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1);

export const hashLeaf = (data, hash = sha256) => hash(concat(LEAF, data));
export const hashChildren = (left, right, hash = sha256) => hash(concat(NODE, left, right));

/* Folds leaf hashes from left to right into a root, keeping one node for each level. */
export class Fold {
  constructor(hash = sha256) {
    this.hash = hash;
    this.nodes = [];
  }

  append(node) {
    let level = 0;
    while (this.nodes.length && this.nodes.at(-1)[0] === level) {
      node = hashChildren(this.nodes.pop()[1], node, this.hash);
      level++;
    }
    this.nodes.push([level, node]);
  }

  root() {
    if (!this.nodes.length) return this.hash(new Uint8Array(0));
    return this.nodes.map(([, node]) => node)
      .reduceRight((root, node) => hashChildren(node, root, this.hash));
  }
}

export function rootOf(hashes, hash = sha256) {
  const fold = new Fold(hash);
  for (const leaf of hashes) fold.append(leaf);
  return fold.root();
}

/* The largest power of two below `size`. */
export function splitPoint(size) {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/* The ranges [start, end) whose roots are the inclusion path of a leaf, its sibling first. */
export function pathRanges(index, size) {
  const ranges = [];
  let start = 0, end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) { ranges.push([middle, end]); end = middle; }
    else { ranges.push([start, middle]); start = middle; }
  }
  return ranges.reverse();
}

const half = (n) => Math.floor(n / 2);

/* One step up for each hash of a path: `take(left)` is told on which side the hash stands. */
function climb(position, last, path, take) {
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 || position === last) {
      take(sibling, true);
      while (position % 2 === 0 && position) { position = half(position); last = half(last); }
    } else take(sibling, false);
    position = half(position);
    last = half(last);
  }
  return last === 0;
}

const areHashes = (values) => values.every((value) => value.length === 32);

/* True when `path` leads from the leaf at `index` to `root` of a tree of `size` leaves. */
export function verifyInclusion(index, size, leaf, path, root) {
  if (!(index >= 0 && index < size) || !areHashes([leaf, root, ...path])) return false;
  let result = leaf;
  const whole = climb(index, size - 1, path, (sibling, left) => {
    result = left ? hashChildren(sibling, result) : hashChildren(result, sibling);
  });
  return whole && equal(result, root);
}

/* True when the tree (size1, root1) is a prefix of (size2, root2); an empty first tree is none. */
export function verifyConsistency(size1, size2, root1, root2, path) {
  if (!(size1 > 0 && size1 <= size2) || !areHashes([root1, root2, ...path])) return false;
  if (size1 === size2) return !path.length && equal(root1, root2);
  let position = size1 - 1, last = size2 - 1;
  const perfect = splitPoint(size1 * 2) === size1;
  const nodes = perfect ? [root1, ...path] : path;
  if (!nodes.length) return false;
  while (position % 2) { position = half(position); last = half(last); }
  let first = nodes[0], second = nodes[0];
  const whole = climb(position, last, nodes.slice(1), (sibling, left) => {
    if (left) first = hashChildren(sibling, first);
    second = left ? hashChildren(sibling, second) : hashChildren(second, sibling);
  });
  return whole && equal(first, root1) && equal(second, root2);
}
