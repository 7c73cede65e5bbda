"""The decision tables of registration as data: which source carries which right, on what article.

Source: 国数综政策〔2026〕35号 articles 15, 20 and 21 (sources and rights) and its grounds of
不予登记, which the exchange's own rules for procedure C follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.states import EncumbranceKind, RefusalGround, Right, SourceKind

EXCHANGE_RULES = "交易所登记规则"
NATIONAL = "国数综政策〔2026〕35号"


@dataclass(frozen=True, slots=True)
class Ground:
    """What one kind of source carries. `term` is its name in the rules, `evidence` what to show."""

    term: str
    rights: frozenset[str]
    evidence: str
    basis: str


ALL = frozenset(Right.values)

GROUNDS: dict[SourceKind, Ground] = {
    SourceKind.COLLECTED: Ground(
        term="采集生成",
        rights=ALL,
        evidence="合法采集证明",
        basis=f"{NATIONAL} 第十五条",
    ),
    # The right to operate needs a product that does not replace the source's own; that
    # finding belongs to the registration of products.
    SourceKind.CRAWLED: Ground(
        term="通过自动化程序收集公开数据",
        rights=frozenset({Right.HOLD, Right.USE}),
        evidence="未侵入、未干扰、未绕过技术措施的说明",
        basis=f"{NATIONAL} 第二十条",
    ),
    # What the contract does not say is not granted; the applicant names the rights it does.
    SourceKind.AGREEMENT: Ground(
        term="协议取得",
        rights=ALL,
        evidence="载明权利内容的合同",
        basis=f"{NATIONAL} 第二十条",
    ),
    SourceKind.DERIVED: Ground(
        term="衍生创造",
        rights=ALL,
        evidence="原始数据使用权、实质性改变和价值显著提升的说明",
        basis=f"{NATIONAL} 第二十条、第二十一条",
    ),
}

RIGHT_TERMS: dict[Right, tuple[str, str]] = {
    Right.HOLD: ("数据持有权", "数据资源持有权"),
    Right.USE: ("数据使用权", "数据加工使用权"),
    Right.OPERATE: ("数据经营权", "数据产品经营权"),
}

REFUSALS: dict[RefusalGround, str] = {
    ground: f"{EXCHANGE_RULES}（{NATIONAL} 不予登记情形之{number}）"
    for ground, number in zip(RefusalGround, "一二三四五", strict=True)
}

ENCUMBRANCE_BASIS = f"{NATIONAL} 第二十三条"
SELF_REGISTRATION_BASIS = f"{NATIONAL} 第十条第（七）项"
ENCUMBRANCE_TERMS: dict[EncumbranceKind, str] = {
    EncumbranceKind.PRESERVATION: "司法保全",
    EncumbranceKind.ADMINISTRATIVE: "行政临时管控",
    EncumbranceKind.STATUTORY: "法定限制",
    EncumbranceKind.PLEDGE: "质押",
    EncumbranceKind.OTHER: "其他",
}
