"""A crowd of cases for the benchmark of lists: rows as people would have made them, by COPY.

Words, states, suppliers and banks are drawn by the number of the row, so that two runs hold the
same. Numbers bear their year: a word that is common, and stands only in old cases.
"""

import dataclasses
import datetime as dt
import json
import multiprocessing
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping

from bench.scratch import say

REGISTER = "financing-application"
COMMON, MIDDLE, RARE, SELDOM = "录播教室", "泵站", "龟鳖繁育", "鼋"
"""A thing in one of 50 titles, one in 200, one in 5,000, and a character in one of 20,000."""

COLUMNS = (
    "id, register, register_version, number, title, state, version, facts, parties, party_ids,"
    " counters, opened_at, changed_at, closed_at, due_at, amber_at, due_provisional, search"
)
_TOWNS = [
    "新堤街道",
    "滨湖街道",
    "螺山镇",
    "乌林镇",
    "龙口镇",
    "燕窝镇",
    "新滩镇",
    "峰口镇",
    "曹市镇",
    "府场镇",
    "戴家场镇",
    "瞿家湾镇",
    "沙口镇",
    "万全镇",
    "汊河镇",
    "黄家口镇",
    "老湾回族乡",
    "大同湖管理区",
    "大沙湖管理区",
    "小港管理区",
]
_PLACES = [
    "第一小学",
    "第二中学",
    "人民医院",
    "卫生院",
    "福利院",
    "水务站",
    "农技站",
    "文化馆",
    "村委会",
    "派出所",
]
_THINGS = [
    "课桌椅",
    "校服",
    "食堂食材",
    "电梯维保",
    "绿化养护",
    "道路划线",
    "垃圾转运车",
    "医用耗材",
    "影像设备",
    "办公家具",
    "计算机",
    "安防监控",
    "消防器材",
    "物业服务",
    "河道保洁",
    "水草打捞",
    "堤防加固",
    "灌渠清淤",
    "高标准农田",
    "路灯改造",
    "桥梁检测",
    "图书采购",
    "体育器材",
    "空调设备",
    "净水设备",
    "救护车",
    "污水管网",
    "地形测绘",
    "造价咨询",
    "会计服务",
]
_STATES_OPEN = [
    "quoting",
    "invited",
    "invited",
    "authorised",
    "unclaimed",
    "quoting",
    "invited",
    "frozen",
]
_STATES_ENDED = ["placed", "placed", "placed", "declined", "void"]
BANKS = tuple(uuid.UUID(int=0xB000 + number) for number in range(8))
"""Each case has one of the first seven; the last has one case in a hundred besides."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """What the rows are drawn around: the moment, and the organisations that are asked about.

    `supplier` has one case in a thousand, `bank` one in seven, `small_bank` one in a hundred.
    """

    now: dt.datetime
    register_version: int
    supplier: uuid.UUID
    bank: uuid.UUID
    small_bank: uuid.UUID


def lines(first: int, last: int, scene: Scene) -> Iterator[str]:
    """The rows of these numbers in COPY's text format; number 1 was changed last."""
    for number in range(first, last + 1):
        draw = random.Random(number)  # noqa: S311 a benchmark's rows
        title, supplier_name = (
            title_of(number, draw),
            f"湖北{draw.choice(_TOWNS)[:2]}第{number % 997}商贸有限公司",
        )
        supplier = scene.supplier if number % 1000 == 1 else uuid.UUID(int=number % 1000)
        bank = scene.bank if number % 7 == 0 else BANKS[number % 7]
        banks = [bank] + ([scene.small_bank] if number % 100 == 3 else [])
        changed = scene.now - dt.timedelta(seconds=20 * number)
        opened = changed - dt.timedelta(hours=draw.randrange(1, 2000))
        is_open = draw.random() < (0.6 if number < 300_000 else 0.1)
        due = scene.now + dt.timedelta(minutes=draw.randrange(-60_000, 40_000)) if is_open else None
        if draw.random() < 0.03:
            due = None
        name = f"融申-{opened.year}-{2_000_000 - number}"
        facts = {
            "award": str(number), "project_name": title, "project_no": f"HHCG{opened:%Y%m%d}{number % 97:03}",
            "buyer_name": f"洪湖市{draw.choice(_TOWNS)}{draw.choice(_PLACES)}",
            "supplier_name": supplier_name, "supplier": str(supplier), "award_amount": number * 100,
            "amount": number * 70, "tenor_months": 6 + number % 30, "purpose": "备货及支付工资",
        }  # fmt: skip
        yield as_line(
            number,
            register=REGISTER,
            version=scene.register_version,
            name=name,
            title=title,
            state=draw.choice(_STATES_OPEN if is_open else _STATES_ENDED),
            facts=facts,
            parties={"supplier": [str(supplier)], "banks": [str(each) for each in banks]},
            changed=changed,
            opened=opened,
            due=due,
            is_open=is_open,
            draw=draw,
        )


_WORDS = ("award", "project_name", "project_no", "buyer_name", "supplier_name", "purpose")


def as_line(
    number: int,
    *,
    register: str,
    version: int,
    name: str,
    title: str,
    state: str,
    facts: Mapping[str, object],
    changed: dt.datetime,
    opened: dt.datetime,
    due: dt.datetime | None,
    draw: random.Random,
    parties: Mapping[str, list[str]] | None = None,
    is_open: bool | None = None,
) -> str:
    """One case in COPY's text format; without `is_open` it is open if it has a due time."""
    from honghu.kernel.cases.search import index_terms

    known = parties or {}
    ids = [each for some in known.values() for each in some]
    terms = index_terms(title, name, *(str(facts[code]) for code in _WORDS if code in facts))
    stands = due is not None if is_open is None else is_open
    return "\t".join(
        (
            str(uuid.UUID(int=(0x7000 << 64 | 0x8 << 60) | (2_000_000 - number) << 80 | draw.getrandbits(58))),
            register, str(version), name, title, state, "3",
            _json(facts), _json(known), "{" + ",".join(ids) + "}", "{}",
            opened.isoformat(), changed.isoformat(),
            "\\N" if stands else changed.isoformat(),
            due.isoformat() if due else "\\N",
            (due - dt.timedelta(days=2)).isoformat() if due else "\\N", "f",
            _array(terms),
        )
    ) + "\n"  # fmt: skip


def title_of(number: int, draw: random.Random) -> str:
    """A project's name with a thing of known rarity, by its number."""
    thing = draw.choice(_THINGS)
    if number % 50 == 7:
        thing = COMMON
    elif number % 200 == 8:
        thing = MIDDLE
    elif number % 5_000 == 9:
        thing = RARE
    elif number % 20_000 == 10:
        thing = f"人工繁育{SELDOM}苗"
    return f"洪湖市{draw.choice(_TOWNS)}{draw.choice(_PLACES)}{thing}采购项目（{number % 9 + 1}包）"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


def _array(terms: list[str]) -> str:
    quoted = ('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in terms)
    return "{" + ",".join(quoted).replace("\\", "\\\\") + "}"


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'cases_case' AND indexname NOT IN (
  SELECT conname FROM pg_constraint WHERE conrelid = 'cases_case'::regclass)
"""


Lines = Callable[[int, int, Scene], Iterator[str]]


def load(first: int, last: int, scene: Scene) -> None:
    """Write the applications of these numbers (see `grow`)."""
    grow(first, last, scene, lines)


def grow(first: int, last: int, scene: Scene, made: Lines) -> None:
    """Write the rows of these numbers without indexes, then build these; prints what it took."""
    from django.db import connection, connections

    began = time.perf_counter()
    connection.as_owner = True  # type: ignore[attr-defined]
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    connections.close_all()
    count = min(os.cpu_count() or 1, 8)
    bounds = [first + (last + 1 - first) * part // count for part in range(count + 1)]
    fork = multiprocessing.get_context("fork")
    children = [
        fork.Process(target=_copy, args=(bounds[part], bounds[part + 1] - 1, scene, made))
        for part in range(count)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
        if child.exitcode:
            raise RuntimeError("a loading process failed")
    copied = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem TO '512MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE cases_case")
    took = time.perf_counter() - began
    say(f"{last:>10,} cases: copied in {copied:.1f} s, indexed in {took - copied:.1f} s")
    connection.become_app()  # type: ignore[attr-defined]


def _copy(first: int, last: int, scene: Scene, made: Lines) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        with cursor.cursor.copy(f"COPY cases_case ({COLUMNS}) FROM STDIN") as copy:
            for line in made(first, last, scene):
                copy.write(line)
    connection.close()
