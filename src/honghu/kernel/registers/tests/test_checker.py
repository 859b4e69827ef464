"""Sound registers pass; each way of spoiling one is found, on its line, under its code."""

import itertools
import re
from pathlib import Path

import networkx as nx  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honghu.kernel.registers import actions, fields, parsing
from honghu.kernel.registers.checker import check, check_files, load_register, read_published
from honghu.kernel.registers.faults import RegisterFaults
from honghu.kernel.registers.model import BUILT_IN_COLUMNS, ORGANISATION_KINDS, START, FieldType
from honghu.kernel.registers.nodes import MAX_BYTES
from honghu.kernel.registers.parsing import Known

EXAMPLE = Path(parsing.__file__).parent / "examples" / "straw-burning.yaml"
SOUND = EXAMPLE.read_text("utf-8")

# code, what is replaced, by what, and what stands on the line that the fault names
MUTATIONS = [
    # the file
    ("not-yaml", "version: 1", "version: [1", "title: {zh: 秸秆"),
    ("not-yaml", "fields:\n", "fields:\n\t", "\t"),
    ("not-yaml", "version: 1", "version: !!python/name:os.system 1", "python/name"),
    ("not-yaml", "list:\n", "---\nlist:\n", "list:"),
    ("not-yaml", "numbering: 洪禁烧", 'numbering: "\\x01"', "numbering"),
    ("alias", "title: {zh: 秸秆禁烧火点清单", "title: &t {zh: 秸秆禁烧火点清单", "&t"),
    ("duplicate-key", "version: 1", "version: 1\nversion: 2", "version: 2"),
    ("duplicate-key", "  parked:\n", "  closed: {}\n  parked:\n", "  closed:"),
    # keys and values
    ("unknown-key", "numbering:", "numberin:", "numberin:"),
    ("unknown-key", "    waits_for: town_officer", "    waits: town_officer", "waits:"),
    ("unknown-key", "{zh: 村, en: Village}", "{zh: 村, en: Village, town}", "town}"),
    ("missing-key", "version: 1\n", "", "register: straw"),
    ("missing-key", "    type: place\n", "", "title: {zh: 位置"),
    ("wrong-type", "version: 1", "version: one", "version: one"),
    ("wrong-type", "    type: instant\n    required: true", "    type: instant\n    required: yes", "required: yes"),
    ("wrong-type", "  parked:\n", "  parked: suspended\n  parkd:\n", "parked: suspended"),
    ("out-of-range", "version: 1", "version: 0", "version: 0"),
    ("out-of-range", "version: 1", "version: 99999999999999999999", "version: 9999"),
    ("bad-code", "register: straw-burning", "register: Straw burning", "register:"),
    ("bad-code", "  village:\n", "  Village:\n", "  Village:"),
    ("missing-translation", "{zh: 村, en: Village}", "{zh: 村}", "{zh: 村}"),
    ("missing-translation", "{zh: 村, en: Village}", '{zh: " ", en: Village}', "en: Village"),
    ("empty-value", "series: 交办单", 'series: ""', "series:"),
    ("reserved-name", "  parked:\n    title", "  any:\n    title", "  any:"),
    ("reserved-name", "  burning_office:\n", "  system:\n", "  system:"),
    ("duplicate-item", "by: [burning_office, town_officer]", "by: [town_officer, town_officer]", "by:"),
    # fields
    ("bad-value", "type: decimal\n    unit", "type: decimel\n    unit", "decimel"),
    ("missing-options", "    options:\n      minor: {zh: 一般, en: Minor}\n      major: {zh: 较重, en: Major}\n", "", "type: choice"),
    ("attribute-not-for-type", "type: place\n", "type: place\n    max_length: 5\n", "max_length: 5"),
    ("attribute-not-for-type", "type: place\n", "type: place\n    kinds: [office]\n", "kinds:"),
    ("personal-and-public", "personal: true", "personal: true\n    public: true", "public: true"),
    ("bounds-crossed", "    min: 0\n    public: true", "    min: 5\n    max: 4\n    public: true", "max: 4"),
    ("bad-pattern", "    max_length: 60", '    pattern: "(?=a"', "pattern:"),
    ("out-of-range", "    max_length: 60", "    max_length: 0", "max_length: 0"),
    # roles
    ("role-of-no-organisation", "of: responsible", "of: village", "of: village"),
    ("unknown-field", "of: responsible", "of: responsable", "responsable"),
    ("role-without-holder", "    held_in: [office]\n", "", "  burning_office:"),
    ("unknown-organisation-kind", "held_in: [office]", "held_in: [offices]", "offices"),
    # references of actions
    ("unknown-state", "to: registered", "to: registred", "registred"),
    ("unknown-state", "from: parked", "from: [parked, lost]", "lost"),
    ("unknown-role", "    by: [town_officer]", "    by: [town_oficer]", "town_oficer"),
    ("unknown-action", "verifies: [submit]", "verifies: [submitt]", "submitt"),
    ("unknown-document", "document: order", "document: ordre", "document: ordre"),
    ("unknown-field", "facts: [severity, responsible]", "facts: [severity, responsibel]", "responsibel"),
    ("unknown-column", "columns: [number,", "columns: [nummer,", "nummer"),
    ("unknown-evidence", "evidence: check}", "evidence: chek}", "chek"),
    ("evidence-without-kind", "after: {kind: photo, min: 1, max: 9}", "after: {min: 1}", "after:"),
    ("missing-result-field", "      result:\n", "      outcome:\n", "to: {passed"),
    ("result-mismatch", "failed: issued", "refused: issued", "to: {passed"),
    ("form-repeats-fact", "facts: [severity, responsible]", "facts: [severity, responsible]\n    form: {severity: {title: {zh: 程度, en: S}, type: text}}", "facts: [severity"),
    ("missing-key", "    by: [town_officer]\n    kind: work\n", "    kind: work\n", "申请销号"),
    # what a case is called, and its usual way
    ("broken-path", "numbering: 洪禁烧", "numbering: 洪禁烧\npath: [registered, submitted]", "path:"),
    ("broken-path", "numbering: 洪禁烧", "numbering: 洪禁烧\npath: [issued]", "path:"),
    ("unknown-state", "numbering: 洪禁烧", "numbering: 洪禁烧\npath: [registred]", "path:"),
    ("unknown-field", "numbering: 洪禁烧", 'numbering: 洪禁烧\nheading: {zh: "{vilage}", en: "Fire"}', "heading:"),
    ("unknown-field", "numbering: 洪禁烧", 'numbering: 洪禁烧\nheading: {zh: "{responsible}", en: "Fire"}', "heading:"),
    # clocks
    ("clock-without-length", "{rule: straw_burning.triage}", "{code: triage}", "{code: triage}"),
    ("unsourced-duration", "{rule: straw_burning.triage}", "{duration: 1 working_days}", "1 working_days"),
    ("bad-duration", "{rule: straw_burning.triage}", "{duration: 1 fortnight, source: x}", "fortnight"),
    ("bad-duration", "{rule: straw_burning.triage}", "{duration: 0 working_days, source: x}", "0 working_days"),
    ("bad-duration", "{rule: straw_burning.triage}", "{duration: -1 working_days, source: x}", "-1 working"),
    ("unknown-choice-field", "by: severity, starts", "by: village, starts", "by: village"),
    ("unknown-date-field", "starts: found_at", "starts: place", "starts: place"),
    # guards
    ("guard-syntax", "form.cleared_area >= facts.area", "form.cleared_area => facts.area", "guard:"),
    ("guard-unknown-name", "facts.area == null", "facts.aera == null", "guard:"),
    ("guard-unknown-name", "form.cleared_area >=", "form.clear_area >=", "guard:"),
    ("guard-type", "form.cleared_area >=", "form.cleared_area + 'a' >=", "guard:"),
    ("guard-type", ">= facts.area", ">= facts.village", "guard:"),
    ("guard-unknown-option", "facts.severity == 'major'", "facts.severity == 'mayor'", "where:"),
    ("guard-unsupported", "facts.area == null", "[1].all(x, x > 0)", "guard:"),
    ("missing-why-not", "    why_not:\n      zh: 还田面积小于过火面积，不能申请销号。\n      en: Less was ploughed in than burnt, so the fire can't be struck off yet.\n", "", "guard:"),
    # the graph
    ("no-opening", "    from: start\n", "    from: registered\n", "# 秸秆禁烧"),
    ("mixed-opening", "from: start", "from: [start, issued]", "  open:"),
    ("start-not-opened", "  issued:\n", "  issued:\n    start: true\n", "  issued:"),
    ("no-end", "    end: closed\n", "", None),
    ("leaves-an-end", "from: parked", "from: [parked, closed]", "  resume:"),
    ("unreachable-state", "    to: parked\n", "    to: issued\n", "  parked:"),
    ("dead-end", "    from: parked\n", "    from: issued\n", "  parked:"),
    ("no-clock", "    clock: {rule: straw_burning.verify}\n", "", "  submitted:"),
    ("clock-must-stop", "    suspended: true", "    suspended: true\n    clock: {rule: a.b}", "  parked:"),
    ("clock-and-no-clock", "    clock: {rule: straw_burning.verify}", "    clock: {rule: straw_burning.verify}\n    no_clock: {zh: 无, en: none}", "  submitted:"),
    ("suspended-end", "end: rejected", "end: rejected\n    suspended: true", "  rejected:"),
    ("uncounted-loop", "    counts: checks\n", "", None),
    ("uncounted-loop", "    counts: parkings\n", "", None),
    # separation of duties
    ("closes-unverified", "    kind: verification\n    verifies: [submit]\n    differs: {person: true, organisation: true}\n", "    kind: decision\n", "  closed:"),
    ("closes-unverified", "from: registered\n    to: rejected", "from: registered\n    to: closed", "  closed:"),
    ("closes-unverified", "{passed: closed, failed: issued}", "{passed: issued, failed: closed}", "  closed:"),
    ("verifies-nothing", "    verifies: [submit]\n", "", "  verify:"),
    ("verifies-itself", "verifies: [submit]", "verifies: [submit, verify]", "  verify:"),
    ("verifies-no-work", "verifies: [submit]", "verifies: [submit, note]", "  verify:"),
    ("verifier-is-doer", "{person: true, organisation: true}", "{organisation: true}", "  verify:"),
    ("verifier-same-organisation", "{person: true, organisation: true}", "{person: true}", "  verify:"),
    ("verification-without-evidence", "      check: {kind: photo, min: 1, max: 9}\n    checklist:", "      check: {kind: photo}\n    list:", None),
    ("verified-by-system", "    by: [burning_office]\n    kind: verification", "    by: [burning_office, system]\n    kind: verification", "  verify:"),
    ("verifier-cannot-exist", "    by: [burning_office]\n    kind: verification", "    by: [town_officer]\n    kind: verification", "  verify:"),
    ("verification-never-passes", "passed: closed", "fine: closed", None),
    ("verifies-work-not-done", "    from: registered\n    to: issued", "    from: registered\n    to: submitted", "  verify:"),
    ("work-not-verified", "verifies: [submit]", "verifies: [open]", "  verify:"),
    ("not-a-verification", "    kind: work\n", "    kind: work\n    verifies: [open]\n", "  submit:"),
    ("organisation-not-recorded", "facts: [severity, responsible]", "facts: [severity]", "  submit:"),
]  # fmt: skip


def faults_of(text: str, known: Known | None = None) -> list[tuple[str, int]]:
    try:
        load_register(text, known or Known())
    except RegisterFaults as refusal:
        return [(fault.code, fault.line) for fault in refusal.faults]
    return []


def test_the_example_is_sound() -> None:
    assert check(EXAMPLE) == []


def test_the_example_reads_as_written() -> None:
    register = load_register(EXAMPLE)
    assert (register.code, register.version, register.numbering) == ("straw-burning", 1, "洪禁烧")
    assert register.fields["area"].type is FieldType.DECIMAL
    assert register.roles["town_officer"].of == "responsible"
    assert register.states["closed"].end == "closed"
    clock = register.states["issued"].clock
    assert clock is not None
    assert clock.rule_code({"severity": "major"}) == "straw_burning.clear.major"
    assert clock.rule_code({"severity": None}) is None
    verify = register.actions["verify"]
    assert verify.targets == {"passed": "closed", "failed": "issued"}
    assert verify.origins == frozenset({"submitted"})
    assert (verify.differs_person, verify.differs_organisation) == (True, True)
    assert verify.demands_evidence
    assert verify.evidence["check"].min == 1
    note = register.actions["note"]
    assert note.origins == {"registered", "issued", "submitted", "parked"}
    assert note.stays
    assert note.target("parked") == "parked"
    assert register.openings[0].origins == {START}


def test_the_guard_of_the_example_knows_what_is_unknown() -> None:
    guard = load_register(EXAMPLE).actions["submit"].guard
    assert guard is not None
    assert guard.names == {"facts.area", "form.cleared_area"}
    assert guard.evaluate({"area": "1.20"}, {"cleared_area": "1.2"})
    assert not guard.evaluate({"area": "1.21"}, {"cleared_area": "1.2"})
    assert guard.evaluate({"area": None}, {"cleared_area": "0"})
    assert guard.unknown({"area": "3"}, {}) == ("form.cleared_area",)


@pytest.mark.parametrize(
    ("code", "old", "new", "at"),
    MUTATIONS,
    ids=[f"{number}-{code}" for number, (code, *_rest) in enumerate(MUTATIONS)],
)
def test_each_mutation_is_found_on_its_line(code: str, old: str, new: str, at: str | None) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    if code == "no-end":
        text = text.replace("    end: rejected\n", "", 1)
    if code == "verification-without-evidence":
        text = (
            text[: text.index("    list:\n      - {code")]
            + text[text.index("    counts: checks") :]
        )
    if code == "verification-never-passes":
        text = text.replace("          passed: {zh", "          fine: {zh", 1)
    found = faults_of(text)
    lines = [line for found_code, line in found if found_code == code]
    assert lines, f"found only {found}"
    if at is not None:
        written = text.split("\n")
        assert any(at in written[line - 1] for line in lines), [written[n - 1] for n in lines]


def test_the_mutations_are_many_and_of_many_kinds() -> None:
    assert len(MUTATIONS) >= 80
    assert len({code for code, *_rest in MUTATIONS}) >= 60


def test_a_remedy_names_what_was_meant() -> None:
    with pytest.raises(RegisterFaults) as refusal:
        load_register(SOUND.replace("to: registered", "to: registred"))
    assert "did you mean registered?" in refusal.value.faults[0].remedy


def test_a_comma_inside_braces_is_explained() -> None:
    with pytest.raises(RegisterFaults) as refusal:
        load_register(SOUND.replace("en: Village}", "en: Village, hamlet or farm}"))
    assert "comma" in refusal.value.faults[0].remedy


def test_all_faults_are_told_at_once() -> None:
    text = SOUND.replace("to: registered", "to: registred").replace("type: place", "type: plaice")
    text = text.replace("{zh: 村, en: Village}", "{zh: 村}")
    assert {code for code, _line in faults_of(text)} >= {
        "unknown-state",
        "bad-value",
        "missing-translation",
    }


def test_commands_and_registers_are_checked_where_they_are_known() -> None:
    text = SOUND.replace("    document: order", "    document: order\n    command: fires.issue")
    text = text.replace("numbering:", "parent: fields-of-2026\nnumbering:")
    assert faults_of(text) == []
    strict = Known(commands=frozenset({"fires.issues"}), registers=frozenset({"rivers"}))
    assert {code for code, _line in faults_of(text, strict)} == {
        "unknown-command",
        "unknown-register",
    }


def test_a_town_internal_list_declares_its_exemption() -> None:
    exempt = "{person: true, organisation: false, reason: {zh: 镇内清单, en: a list within a town}}"
    text = SOUND.replace("{person: true, organisation: true}", exempt)
    assert faults_of(text) == []


def test_a_weak_check_may_stand_before_a_full_verification() -> None:
    """A first check needs no evidence of its own while the last one has all that is asked for."""
    text = SOUND.replace("to: submitted", "to: handed_in").replace(
        "  submitted:\n",
        "  handed_in:\n    title: {zh: 待初验, en: To be checked}\n"
        "    clock: {rule: a.b}\n  submitted:\n",
    )
    first = (
        "  first_check:\n    title: {zh: 初验, en: First check}\n    from: handed_in\n"
        "    to: submitted\n    by: [town_officer]\n    kind: verification\n"
        "    verifies: [submit]\n    differs: {person: true}\n"
    )
    text = text.replace("  park:\n", first + "  park:\n", 1)
    assert faults_of(text) == []
    # If the last one looks at the first check only, the doer might close the case.
    blind = text.replace(
        "verifies: [submit]\n    differs: {person: true, o",
        "verifies: [first_check]\n    differs: {person: true, o",
    )
    assert {code for code, _line in faults_of(blind)} >= {"verification-without-evidence"}


def test_a_published_register_is_read_even_if_later_proofs_would_refuse_it() -> None:
    text = SOUND.replace("    clock: {rule: straw_burning.verify}\n", "")
    assert faults_of(text) != []
    assert read_published(text, "straw-burning v1").states["submitted"].clock is None


def test_two_files_may_not_hold_one_version(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(SOUND, "utf-8")
    two.write_text(SOUND, "utf-8")
    results = {path.name: [f.code for f in faults] for path, _r, faults in check_files([one, two])}
    assert results == {"one.yaml": [], "two.yaml": ["duplicate-register"]}
    assert all(not faults for _path, _register, faults in check_files([one, one]))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"# nothing\n", "empty"),
        (b"- a\n- b\n", "wrong-type"),
        (b"just words\n", "wrong-type"),
        (b"null\n", "wrong-type"),
        (b"\xff\xfe\x00register", "not-text"),
        (b"register: a\nversion: \x00\n", "not-yaml"),
        (b"a" * (MAX_BYTES + 1), "too-large"),
        (b"[" * 100, "too-deep"),
        (b"{a: " * 40, "too-deep"),
        (b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "alias"),
        (b"[" + b"a," * 30_000 + b"]", "too-large"),
        (b"? [a, b]\n: c\n", "not-yaml"),
        (b"{a: b: c}", "not-yaml"),
        (b"%YAML 9.9\n---\na: b\n", "not-yaml"),
    ],
)
def test_any_content_gives_a_fault_and_no_crash(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "some.yaml"
    path.write_bytes(content)
    faults = check(path)
    assert code in {fault.code for fault in faults}
    assert all(fault.line >= 1 and fault.remedy for fault in faults)


def test_missing_files_and_folders_are_faults(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.yaml", Path("/dev/null"), Path("a\0b")):
        assert [fault.code for fault in check(path)] == ["unreadable"]


@given(st.binary(max_size=300))
def test_random_bytes_never_crash(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    assert faults_of(text) != []


@given(st.data())
def test_random_edits_never_crash(data: st.DataObject) -> None:
    lines = SOUND.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "double", "indent", "empty", "list"]))
        line = lines[index]
        head = line.partition(":")[0]
        lines[index : index + 1] = {
            "drop": [],
            "double": [line, line],
            "indent": ["  " + line],
            "empty": [head + ":"],
            "list": [head + ": [a, {b: c}]"],
        }[kind]
    for code, number in faults_of("\n".join(lines)):
        assert code
        assert 1 <= number <= len(lines) + 1


def test_the_example_agrees_with_networkx() -> None:
    register = load_register(EXAMPLE)
    graph = nx.DiGraph((edge.origin, edge.target) for edge in register.lifecycle.edges())
    assert nx.descendants(graph, START) == set(register.states)
    unverified = nx.DiGraph(
        (edge.origin, edge.target)
        for edge in register.lifecycle.edges()
        if not (edge.action.kind == "verification" and edge.action.passes_with(edge.result))
    )
    assert not nx.has_path(unverified, START, "closed") if "closed" in unverified else True
    pairs = itertools.pairwise(["registered", "issued", "submitted", "closed"])
    assert all(graph.has_edge(*pair) for pair in pairs)


def test_the_how_to_names_every_key() -> None:
    """The reference in docs/howto follows the code: no key is missing in it."""
    root = next(each for each in Path(__file__).parents if (each / "pyproject.toml").exists())
    page = (root / "docs" / "howto" / "add-a-register.md").read_text("utf-8")
    keys = parsing.KEYS | parsing.STATE_KEYS | parsing.CLOCK_KEYS | parsing.FIGURE_KEYS
    keys |= actions.ACTION_KEYS | fields.FIELD_KEYS | ORGANISATION_KINDS | BUILT_IN_COLUMNS
    keys |= set(actions.ACTION_KINDS) | set(parsing.END_KINDS) | set(FieldType)
    assert {key for key in keys if not re.search(rf"\b{key}\b", page)} == set()
