"""The contract and the chains it may stand on.

`driver` says what the anchorer asks of a chain, `local` answers it from one SQLite file, `rpc`
from any EVM node. web3 and its EVM cost 60 MB and half a second, so only `driver.connect` imports
`local` and `rpc`, and only the anchorer calls it: whoever shows or exports an anchor reads rows.
"""
