"""Title: which data asset exists, who registered it, with what proof, and who holds which right.

Owns Asset, AssetVersion, RegistrationCase (procedure C, the exchange's own certificate),
possession challenges and attestations, RightGrant, Encumbrance, Certificate and its codes, and
the table of durations. The data itself never comes here: a manifest of digests does, and at most
three chunks, which are deleted at the decision.

Invariants:
- a version is immutable; what is registered is its manifest, and its numbers agree;
- no content (SHA-256, chunk tree or row digest) is in publicity or registered for two holders at
  once, and before that only proof blocks: an application on copied digests blocks nobody;
- a case has at most one correction notice, one open challenge and one certificate;
- a case is publicised only after possession was proven after acceptance;
- a certificate takes effect at the end of its publicity, whoever records it and whenever;
- a code is given once: serials are counted under a lock for each region and month.
"""
