// Compiles LedgerAnchor.sol to LedgerAnchor.json with the pinned npm solc; needs no network once solc is there.
//
//   npm install --prefix .tools/solc solc@0.8.37
//   node ledger/evm/build.mjs            writes LedgerAnchor.json
//   node ledger/evm/build.mjs --check    exit 1 when the committed file is not what the source compiles to
//
// Exit 2 says that the compiler is missing or is another version.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "0.8.37";
const NAME = "LedgerAnchor";
const here = dirname(fileURLToPath(import.meta.url));
const artefact = join(here, `${NAME}.json`);

function loadCompiler() {
  const require = createRequire(join(here, "..", "..", ".tools", "solc", "package.json"));
  let solc;
  try {
    solc = require("solc");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.error(`solc is not installed: npm install --prefix .tools/solc solc@${VERSION}`);
    process.exit(2);
  }
  if (!solc.version().startsWith(`${VERSION}+`)) {
    console.error(`solc ${VERSION} is wanted, found ${solc.version()}`);
    process.exit(2);
  }
  return solc;
}

function compile(solc) {
  // No metadata hash: the bytecode then depends on the code alone, not on comments or file names.
  const settings = {
    evmVersion: "london",
    optimizer: { enabled: true, runs: 10000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  };
  const source = { content: readFileSync(join(here, `${NAME}.sol`), "utf8") };
  const input = { language: "Solidity", sources: { [`${NAME}.sol`]: source }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const messages = output.errors ?? [];
  if (messages.length > 0) {
    messages.forEach((message) => console.error(message.formattedMessage));
    process.exit(1);
  }
  const contract = output.contracts[`${NAME}.sol`][NAME];
  const { outputSelection, ...shown } = settings;
  return {
    contract: NAME,
    compiler: solc.version(),
    settings: shown,
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
  };
}

const built = `${JSON.stringify(compile(loadCompiler()), null, 2)}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(artefact, "utf8") !== built) {
    console.error(`${NAME}.json is not what ${NAME}.sol compiles to: run node ledger/evm/build.mjs`);
    process.exit(1);
  }
} else {
  writeFileSync(artefact, built);
}
