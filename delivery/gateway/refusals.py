"""Every refusal of the gateway, in Chinese and English, as an RFC 9457 problem.

The texts stand here and not in a catalogue, because the request path is free of Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

STATUS = {
    200: "200 OK",
    206: "206 Partial Content",
    304: "304 Not Modified",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    414: "414 URI Too Long",
    416: "416 Range Not Satisfiable",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
TITLES = {
    400: ("请求有误", "Bad request"),
    401: ("请先出示密钥", "Show a key first"),
    403: ("不允许", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("方法不可用", "Method not allowed"),
    414: ("地址过长", "Address too long"),
    416: ("范围不可满足", "Range not satisfiable"),
    429: ("暂不能再用", "No quota now"),
    503: ("暂不可用", "Unavailable"),
}
# code: (status, detail zh, detail en, remedy zh, remedy en)
TEXTS: dict[str, tuple[int, str, str, str, str]] = {
    "key-missing": (
        401,
        "没有出示 API 密钥。",
        "No API key was shown.",
        "在请求头 Authorization 中写 Bearer 和密钥。",
        "Send the header Authorization: Bearer and your key.",
    ),
    "key-unknown": (
        401,
        "这把 API 密钥无效：不存在、已撤销、已过期，或没有取数权限。",
        "This API key opens nothing: unknown, revoked, expired, or without the data scope.",
        "请在控制台签发一把取数密钥。",
        "Issue a key with the data scope.",
    ),
    "contract-unknown": (
        404,
        "贵方没有合同 {contract}。",
        "You have no contract {contract}.",
        "核对合同编号与密钥所属机构。",
        "Check the contract's id and the organisation of the key.",
    ),
    "not-the-buyer": (
        403,
        "合同 {contract} 的取数权属于买方，这把密钥属于供方。",
        "Under contract {contract} the buyer takes the data; this key is the seller's.",
        "使用买方的密钥。",
        "Use a key of the buyer.",
    ),
    "contract-not-active": (
        403,
        "合同 {contract} 尚未生效。",
        "Contract {contract} is not active yet.",
        "等待交易所确认款项并激活。",
        "Wait until the exchange has seen the money and activates it.",
    ),
    "contract-not-started": (
        403,
        "合同 {contract} 的期限自 {starts_at} 开始。",
        "The term of contract {contract} begins at {starts_at}.",
        "届时再来。",
        "Come back then.",
    ),
    "contract-ended": (
        403,
        "合同 {contract} 的期限已于 {ends_at} 结束。",
        "The term of contract {contract} ended at {ends_at}.",
        "与供方订立新合同。",
        "Conclude a new contract with the seller.",
    ),
    "contract-suspended": (
        403,
        "合同 {contract} 已暂停使用。",
        "Use under contract {contract} is suspended.",
        "向暂停的一方询问。",
        "Ask the side that suspended it.",
    ),
    "contract-terminated": (
        403,
        "合同 {contract} 已终止。",
        "Contract {contract} has been terminated.",
        "与供方订立新合同。",
        "Conclude a new contract with the seller.",
    ),
    "purpose-malformed": (
        400,
        "请求头 X-Purpose 不是百分号编码的 UTF-8 文本。",
        "The header X-Purpose is not percent-encoded UTF-8 text.",
        "中文用途请先做百分号编码。",
        "Percent-encode a purpose that is not ASCII.",
    ),
    "policy": (
        403,
        "{decision}",
        "{decision}",
        "按合同约定的用途、范围和时间使用。",
        "Use the data as the contract's policy allows.",
    ),
    "rows-not-offered": (
        404,
        "合同 {contract} 不提供按行取数。",
        "Contract {contract} offers no rows.",
        "改取文件。",
        "Fetch the file instead.",
    ),
    "file-not-offered": (
        404,
        "合同 {contract} 没有可下载的文件。",
        "Contract {contract} has no file to fetch.",
        "向供方询问文件是否已交存。",
        "Ask the seller whether the file has been deposited.",
    ),
    "filter-unknown": (
        400,
        "没有名为“{name}”的列可供筛选。",
        "There is no column “{name}” to filter by.",
        "可用的列：{columns}。",
        "The columns are: {columns}.",
    ),
    "filter-doubled": (
        400,
        "参数“{name}”出现了两次。",
        "The parameter “{name}” is given twice.",
        "每个参数只给一次。",
        "Give each parameter once.",
    ),
    "limit-invalid": (
        400,
        "limit 应为 1 到 {most} 的整数。",
        "limit must be an integer from 1 to {most}.",
        "改正 limit。",
        "Correct limit.",
    ),
    "cursor-invalid": (
        400,
        "cursor 不是本次查询得到的游标。",
        "This cursor does not belong to this question.",
        "原样使用上一页的 next_cursor，筛选条件不变。",
        "Use next_cursor of the last page as it is, with the same filters.",
    ),
    "quota-exhausted": (
        429,
        "合同 {contract} 的计量项 {meter} 配额 {quota} 已用完：余下不足本次所需的 {asked}。",
        "The quota of {quota} on meter {meter} of contract {contract} has less than {asked} left.",
        "与供方订立新合同或增加配额。",
        "Conclude a new contract with the seller, or a larger quota.",
    ),
    "quota-busy": (
        429,
        "合同 {contract} 的计量项 {meter} 余下的配额正被占用，尚不能确定是否用完。",
        "What is left of meter {meter} of contract {contract} is held elsewhere just now.",
        "一秒后重试。",
        "Try again in a second.",
    ),
    "streams-busy": (
        429,
        "同时下载的数量已到上限。",
        "Too many downloads are running.",
        "稍后重试。",
        "Try again shortly.",
    ),
    "range-unsatisfiable": (
        416,
        "请求的范围不在文件之内；文件共 {size} 字节。",
        "The range lies outside the file of {size} bytes.",
        "改正 Range。",
        "Correct the Range.",
    ),
    "range-multiple": (
        416,
        "一次只能请求一个范围。",
        "One range at a time.",
        "分几次请求。",
        "Ask for one range in each request.",
    ),
    "rows-loading": (
        503,
        "数据正在载入内存并核验。",
        "The rows are being loaded and verified.",
        "稍后重试。",
        "Try again shortly.",
    ),
    "rows-damaged": (
        503,
        "存放的文件与登记的指纹不符，停止提供。",
        "The stored file is not the registered one; it is not served.",
        "请供方重新交存。",
        "The seller must deposit it again.",
    ),
    "not-fresh": (
        503,
        "网关暂时得不到最新的合同状态，按规定拒绝。",
        "The gateway has no fresh word on contracts and refuses.",
        "稍后重试。",
        "Try again shortly.",
    ),
    "spool-failed": (
        503,
        "网关无法记录调用，按规定拒绝。",
        "The gateway cannot record calls and refuses.",
        "稍后重试。",
        "Try again shortly.",
    ),
    "no-such-address": (
        404,
        "没有这个地址。",
        "There is no such address.",
        "地址形如 /d/<合同>/rows 或 /d/<合同>/file。",
        "Addresses are /d/<contract>/rows and /d/<contract>/file.",
    ),
    "method-not-allowed": (
        405,
        "这个地址只接受 {allowed}。",
        "This address takes {allowed} only.",
        "改用允许的方法。",
        "Use an allowed method.",
    ),
    "nul-byte": (
        400,
        "地址中不能有 NUL 字节。",
        "A NUL byte cannot be part of an address.",
        "去掉它。",
        "Leave it out.",
    ),
    "not-utf8": (
        400,
        "查询不是 UTF-8 编码。",
        "The query is not UTF-8.",
        "用百分号编码的 UTF-8。",
        "Use percent-encoded UTF-8.",
    ),
    "query-too-long": (
        414,
        "查询超过 {most} 个字符。",
        "The query has more than {most} characters.",
        "减少筛选条件。",
        "Use fewer filters.",
    ),
}
RETRY_SECONDS = {
    "quota-busy": 1,
    "streams-busy": 2,
    "rows-loading": 1,
    "not-fresh": 1,
    "spool-failed": 1,
}


@dataclass(slots=True)
class Refused(Exception):
    """The request is refused for `code`; `data` fills the texts and stands in the problem.

    A policy's own code replaces "policy"; `decision` are its words by language.
    """

    code: str
    data: dict[str, Any] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    decision: dict[str, str] = field(default_factory=dict)

    @property
    def text_key(self) -> str:
        """Which of TEXTS speaks."""
        return "policy" if self.decision else self.code


def language_of(accept: str) -> str:
    """ "en" when English is asked for before Chinese, otherwise "zh"."""
    accept = accept.lower()
    chinese, english = accept.find("zh"), accept.find("en")
    return "en" if english >= 0 and (chinese < 0 or english < chinese) else "zh"


def problem(
    refused: Refused, accept: str, decision: str
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status line, headers and JSON body of a refusal, in the language asked for."""
    language = language_of(accept)
    place = 0 if language == "zh" else 1
    status, *texts = TEXTS[refused.text_key]
    words = {**refused.data, "decision": refused.decision.get(language, "")}
    if isinstance(words.get("columns"), list):
        words["columns"] = (
            "、".join(words["columns"]) if place == 0 else ", ".join(words["columns"])
        )
    body: dict[str, Any] = {
        "type": f"urn:tallystick:problem:{refused.code}",
        "title": TITLES[status][place],
        "status": status,
        "detail": texts[place].format(**words),
        "code": refused.code,
        "remedy": texts[2 + place].format(**words),
    }
    for name in ("contract", "meter", "quota"):
        if name in refused.data:
            body[name] = refused.data[name]
    body["data"] = refused.data
    if decision:
        body["decision"] = decision
    raw = json.dumps(body, ensure_ascii=False).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Language", "zh-Hans" if place == 0 else "en"),
        ("Content-Length", str(len(raw))),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept-Language"),
        *refused.headers,
    ]
    if retry := RETRY_SECONDS.get(refused.code):
        headers.append(("Retry-After", str(retry)))
    return STATUS[status], headers, raw
