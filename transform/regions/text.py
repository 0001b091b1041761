"""What the text says of places: parent and name side by side, site addresses, the body's own voice, townships."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transform.regions.case import Candidate, Case, short_names, unique_place
from transform.regions.evidence import RegionFlag, RegionResolution, RegionStatus
from transform.regions.gazetteer import Division, Level, NameForm
from transform.regions.names import read_name
from transform.regions.outcomes import left_open, list_places

__all__ = ["has_organs_named", "said_by_text", "side_by_side", "speaks_as_own", "told_apart_by_text"]

_OPENING = 300
"""Characters of the text that count as its head: title, breadcrumbs, first paragraph."""
_BEFORE_VISITED = re.compile(
    "(?:赴|到|前往|学习|借鉴|参观|考察|对标|调研|来自|对口|支援|援助|协作|帮扶|邀请|技术支持|承建|转发|抄送|中标)[^，。；、]{0,6}$|[省市州]、$"
)
_AFTER_VISITED = re.compile("等地|等[省市兄]|、[\u4e00-\u9fff]{2,8}[省市州]|[^，。；]{0,6}(?:先进经验|兄弟|考察|取经)")
_OWN_VOICE = ("人民政府", "政府", "委", "政务", "办公厅", "办公室")


@dataclass(frozen=True, slots=True)
class _Vote:
    """For which candidates one kind of evidence speaks."""

    note: str
    chosen: list[Candidate]
    is_weak: bool = False


def told_apart_by_text(case: Case, candidates: list[Candidate]) -> tuple[list[Candidate], RegionResolution | None]:
    """Candidates on which all that the text says agrees."""
    votes: list[_Vote] = []
    for says in (_vote_side_by_side, _vote_hosts, _vote_own_voice, _vote_townships):
        vote = says(case, candidates)
        if vote.chosen and len(vote.chosen) < len(candidates):
            votes.append(vote)
    if not votes:
        return candidates, None
    agreed = [c for c in candidates if all(c in vote.chosen for vote in votes)]
    if agreed:
        case.notes += [vote.note for vote in votes]
        if all(vote.is_weak for vote in votes):
            case.flag(RegionFlag.FROM_TEXT)
        return agreed, None
    said = "; ".join(vote.note for vote in votes)
    reason = f"{list_places(candidates, case)}: the evidence contradicts itself ({said})"
    return candidates, left_open(case, RegionStatus.AMBIGUOUS, reason, candidates)


def _telling_parents(case: Case, candidate: Candidate, candidates: Sequence[Candidate]) -> list[Division]:
    """The units above a candidate that are not above all the others."""
    shared = frozenset.intersection(*(c.outer for c in candidates)) if len(candidates) > 1 else frozenset()
    above = [
        case.gazetteer.get(code)
        for code in sorted(candidate.outer, reverse=True)
        if code != candidate.code and code not in shared
    ]
    return [division for division in above if division]


def side_by_side(case: Case, candidate: Candidate, candidates: Sequence[Candidate]) -> str:
    """The words in which the text puts a telling parent before the name; empty if it does not."""
    for parent in _telling_parents(case, candidate, candidates):
        for printed in (parent.name, *short_names(parent)):
            pair = printed + candidate.name
            if pair in case.text:
                return pair
    return ""


def _vote_side_by_side(case: Case, candidates: list[Candidate]) -> _Vote:
    pairs = [(c, side_by_side(case, c, candidates)) for c in candidates]
    said = [pair for _, pair in pairs if pair]
    return _Vote(f"text: {'、'.join(said)}", [c for c, pair in pairs if pair])


def _vote_hosts(case: Case, candidates: list[Candidate]) -> _Vote:
    hosts: list[str] = []
    chosen: list[Candidate] = []
    for host, code in case.text_host_codes:
        inside = [c for c in candidates if code in c.outer]
        if inside and len(inside) < len(candidates):
            hosts.append(host)
            chosen += [c for c in inside if c not in chosen]
    return _Vote(f"site address in the text: {'、'.join(hosts)}", chosen)


def _vote_own_voice(case: Case, candidates: list[Candidate]) -> _Vote:
    said: list[str] = []
    chosen: list[Candidate] = []
    for candidate in candidates:
        for parent in _telling_parents(case, candidate, candidates):
            if speaks_as_own(case.text, parent.name):
                said.append(parent.name)
                chosen.append(candidate)
                break
    return _Vote(f"text names {'、'.join(dict.fromkeys(said))}", chosen, is_weak=True)


def speaks_as_own(text: str, name: str) -> bool:
    """Whether a text names a place as its own: with its organs, at its head, or twice; places visited do not count."""
    own = [place for place in _places_of(text, name) if not _is_visited(text, place, name)]
    if not own:
        return False
    return own[0] < _OPENING or len(own) > 1 or any(text.startswith(_OWN_VOICE, place + len(name)) for place in own)


def has_organs_named(text: str, name: str) -> bool:
    """Whether a text names a place with its leaders: 在内江市委、市政府的领导下."""
    return any(
        text.startswith(_OWN_VOICE, place + len(name)) and not _is_visited(text, place, name)
        for place in _places_of(text, name)
    )


def _places_of(text: str, name: str) -> Iterator[int]:
    place = text.find(name)
    while place >= 0:
        yield place
        place = text.find(name, place + 1)


def _is_visited(text: str, place: int, name: str) -> bool:
    """Whether a place is one among others, or one to learn from: 赴浙江省、上海市等地学习."""
    return bool(_BEFORE_VISITED.search(text[max(0, place - 8) : place])) or bool(
        _AFTER_VISITED.match(text[place + len(name) : place + len(name) + 12])
    )


def _vote_townships(case: Case, candidates: list[Candidate]) -> _Vote:
    if not case.text:
        return _Vote("", [])
    counts: list[tuple[Candidate, list[str]]] = []
    for candidate in candidates:
        keys = case.gazetteer.township_keys(candidate.code)
        counts.append((candidate, [key for key in keys if len(key) > 2 and key in case.text]))
    all_named = [name for _, names in counts for name in names]
    telling = [(c, [name for name in names if all_named.count(name) == 1]) for c, names in counts]
    chosen = [
        (c, names)
        for c, names in telling
        if len(names) > 1 or (names and len(case.gazetteer.townships_named(names[0])) == 1)
    ]
    said = [name for _, names in chosen for name in names[:3]]
    return _Vote(f"text names the townships {'、'.join(said)}", [c for c, _ in chosen], is_weak=True)


def said_by_text(case: Case, levels: tuple[Level, ...]) -> Division | None:
    """The one division of a fitting level that the text names with its parent, inside the portal's if there is one."""
    found: dict[str, str] = {}
    outer = case.portal[0] if case.portal else None
    text = case.text
    position = 0
    while position < len(text):
        step = 1
        for printed, units in case.gazetteer.matches_at(text, position):
            if len(printed) < 3 or not any(u.form is NameForm.FULL for u in units):
                continue
            reading = read_name(text[position : position + 30], case.gazetteer)
            place = unique_place(reading, case)
            if place and (place.has_outer or outer) and case.gazetteer.divisions[place.code].level in levels:
                if outer is None or outer.code in place.outer:
                    found[place.code] = text[position : position + reading.matches[0].end]
                step = reading.matches[0].end
            break
        position += step
    if len(found) != 1:
        return None
    code, printed = next(iter(found.items()))
    case.flag(RegionFlag.FROM_TEXT)
    case.notes.append(f"text: {printed}, the only one that it names")
    return case.gazetteer.divisions[code]
