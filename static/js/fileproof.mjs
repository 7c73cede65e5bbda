/* The elements of docs/reference/browser.md. */

export const MARKS = ["manifest", "possession", "sign", "enrol", "keys", "filecheck", "verify"];
