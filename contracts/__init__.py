"""Terms that two parties sign, the grant that follows, and the account of its use.

Nouns: terms (a frozen value with a digest), contract (the negotiation of terms),
offer (one proposal of terms), signature, grant (the right to use, once active),
statement (what was used in a period and what it costs), quota and usage.

Invariants: both parties sign the same digest; agreed terms never change; a grant's
end is derived from its term and stored nowhere else; statements of one contract
follow one another without gap or overlap and never change once drawn; what is
indeterminate is shown and billed nothing. Contracts name products and assets as
values and import neither.
"""
