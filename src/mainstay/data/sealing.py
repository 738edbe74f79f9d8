"""Which rows are sealed: those of holdouts that are there already, found again, or of new ones.

A holdout is sealed once, by the first training of a project, and found again by keys whatever a later training's seed,
the order of rows or what came since. Rows that nobody has read make a fresh one:

- at random, the share of new rows that the first holdouts took waits, decided by each row's key, and the rest teaches;
  once enough wait they are sealed;
- by time, rows newer than the last holdout wait; once they are enough the newest of them are sealed, and the holdout
  before gives its rows back to training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from mainstay.data.keys import EDITION, PLAIN, Keys, positions
from mainstay.data.parts import Groups, apart, at_random, luck, newest
from mainstay.data.writing import Writing
from mainstay.domain.errors import DataError
from mainstay.domain.holdout import Account, Dealing, Holdout
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

SHARES = {1: 0.2, 2: 0.3}  # of all rows, by the number of holdouts
MOST = 0.4
FOUND_AGAIN = 0.5  # of a holdout's rows: with fewer it is another table's
MIN_BLOCKS = 20  # of whole moments for each holdout, below which moments are parted among holdouts of one time
DEALT_SHARE = 0.25  # of entities that are met at all times, to the part that judges


@dataclass(frozen=True, slots=True)
class Known:
    """A sealed holdout and its sorted keys; `taught` are rows that teach although their draw would make them wait.

    `apart` are members that were told apart from equal rows, None where that is not known.
    """

    holdout: Holdout
    members: Keys
    taught: Keys
    apart: Keys | None = None

    @property
    def whole(self) -> Keys:
        """The members whose equals may not teach: all that were not told apart when they were sealed."""
        if self.holdout.entity is not None or (self.apart is None and self.holdout.counted):
            return self.members[:0]
        return self.members if self.apart is None else np.setdiff1d(self.members, self.apart)


@dataclass(frozen=True, slots=True)
class Book:
    """What is sealed already, and what the brief wants: how many holdouts, and looks at each.

    `only` names the holdout that judged before, where that training is repeated: then nothing new is sealed.
    """

    account: Account = field(default_factory=Account)
    known: tuple[Known, ...] = ()
    count: int = 1
    looks: int = 20
    only: str | None = None

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that sealed rows are known by, None where none are sealed by columns."""
        return next((each.holdout.columns for each in self.known if each.holdout.columns), None)

    @property
    def writing(self) -> Writing | None:
        """How those columns are read, None where none are sealed by columns."""
        known = (each.holdout for each in self.known if each.holdout.columns)
        return next((Writing(each.written, each.zone) for each in known), None)


@dataclass(frozen=True, slots=True)
class NewSeal:
    """A holdout to be sealed, its sorted keys, the positions of its rows, and the keys of those told apart."""

    holdout: Holdout
    members: Keys
    taught: Keys
    rows: IntArray
    apart: Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows as they are dealt: keys, groups with their draws under the seed that seals, and moments, each (n_rows,).

    `keys` are those of entities where entities are dealt; `own` are each row's own: rows with equal ones judge once.
    """

    keys: Keys
    own: Keys
    groups: Groups
    seed: int
    moments: FloatArray | None = None
    time: str | None = None
    entity: str | None = None
    columns: tuple[str, ...] = ()
    writing: Writing = PLAIN
    apart: BoolArray | None = None
    outcomes: FloatArray | None = None

    def n_distinct(self, which: BoolArray) -> int:
        """Return how many different rows there are among some."""
        return int(np.unique(self.own[which]).size)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The holdout of each row by its place in `holdouts`, -1 in none; and rows that are left aside: they wait.

    `new` are the holdouts that were not there before, `current` is the place of the one that judges now, `n_again` how
    many of its rows were found again (None: it is new), `n_waiting` of `wanted` rows wait to make a fresh one. By time
    `start_s` is when the sealed rows begin: what teaches is older.
    """

    held: IntArray
    aside: BoolArray
    holdouts: tuple[Holdout, ...]
    new: tuple[NewSeal, ...]
    current: int
    n_again: int | None = None
    n_waiting: int = 0
    wanted: int = 0
    start_s: float | None = None


def seal(rows: Rows, book: Book) -> Sealed | None:
    """Find the sealed rows again, or seal some; None where rows have too few moments to be cut by time."""
    kind = "random" if rows.moments is None else "time"
    family = _family(book, _dealing(rows))
    found = None
    if family:
        found = _again_by_time(rows, book, family) if kind == "time" else _again_at_random(rows, book, family)
    if found is None and book.only is not None:
        if kind == "time" and _was_random(book):
            return None  # as when it was sealed: a brief may name a time that cuts nothing
        raise DataError(f"the rows of holdout {book.only} are not in the table", remedy="Train anew: mainstay train.")
    return found or _first(rows, book, family)


def share_of(count: int) -> float:
    """Return the share of all rows that so many holdouts take together.

    >>> [share_of(n) for n in (1, 2, 3, 9)]
    [0.2, 0.3, 0.4, 0.4]
    """
    return SHARES.get(count, MOST)


def _dealing(rows: Rows) -> Dealing:
    return Dealing("random", rows.entity) if rows.moments is None else Dealing("time", rows.entity, rows.time)


def _was_random(book: Book) -> bool:
    return any(each.holdout.name == book.only and each.holdout.kind == "random" for each in book.known)


def _family(book: Book, dealing: Dealing) -> tuple[Known, ...]:
    known = {each.holdout.name: each for each in book.known}
    if book.only is None:
        return tuple(known[each.name] for each in book.account.family(dealing))
    batch = known[book.only].holdout.batch if book.only in known else -1
    mine = [each for each in book.known if each.holdout.dealing == dealing]
    until = [each for each in mine if each.holdout.batch <= batch]
    return tuple(each for each in until if dealing.kind == "random" or each.holdout.batch == batch)


def _first(rows: Rows, book: Book, before: Sequence[Known]) -> Sealed | None:
    """Seal rows where none are sealed in this way, or where what was sealed is no longer there."""
    carried = book.account.n_older + len(book.account.looks)
    releases = tuple(each.holdout.name for each in before)
    if rows.moments is not None:
        start_s = newest(rows.moments, share_of(book.count))
        if start_s is None or np.unique(rows.moments[rows.moments < start_s]).size < 2:  # to teach, and to calibrate
            return None
        return _from(rows, book, start_s, carried=carried, releases=releases)
    held = _drawn(rows, book.count)
    new = _new_seals(rows, book, held, carried=carried, releases=releases)
    return Sealed(held, np.zeros(held.size, dtype=np.bool_), tuple(each.holdout for each in new), new, current=0)


def _drawn(rows: Rows, count: int) -> IntArray:
    share = share_of(count)
    parts = at_random(rows.groups, (*[share / count] * count, 1 - share), rest=count)
    return np.where(parts < count, parts, -1)


def _from(rows: Rows, book: Book, start_s: float, *, carried: int, releases: tuple[str, ...]) -> Sealed:
    """Seal the rows from a moment on, dealt to as many holdouts as are wanted; who was met before is left aside."""
    assert rows.moments is not None
    later = rows.moments >= start_s
    teaching, judging = apart(later, rows.groups, share=DEALT_SHARE)
    held = np.full(later.size, -1, dtype=np.int64)
    inside = np.flatnonzero(judging)
    held[inside] = at_random(_blocks(rows, inside, book.count), (1 / book.count,) * book.count, rest=0)
    new = _new_seals(rows, book, held, carried=carried, releases=releases, from_s=start_s)
    holdouts = tuple(each.holdout for each in new)
    return Sealed(held, ~teaching & ~judging, holdouts, new, current=0, start_s=start_s)


def _blocks(rows: Rows, inside: IntArray, count: int) -> Groups:
    """Whole moments as groups where there are many of them and nobody is met at two of them; else the groups."""
    assert rows.moments is not None
    groups = rows.groups.among(inside)
    moment = np.unique(rows.moments[inside], return_inverse=True)[1].astype(np.int64)
    if count == 1 or rows.entity is not None or np.unique(moment).size < MIN_BLOCKS * count:
        return groups
    return replace(groups, of=moment)


def _new_seals(
    rows: Rows,
    book: Book,
    held: IntArray,
    *,
    carried: int = 0,
    releases: tuple[str, ...] = (),
    from_s: float | None = None,
) -> tuple[NewSeal, ...]:
    known = book.account.holdouts
    count = int(held.max(initial=-1)) + 1
    bare = Holdout(
        name="",
        batch=max((each.batch for each in known), default=0) + 1,
        kind="random" if rows.moments is None else "time",
        n_rows=0,
        digest="",
        seed=rows.seed,
        share=share_of(count),
        snapshot="",
        columns=rows.columns,
        written=dict(rows.writing.how),
        zone=rows.writing.zone,
        edition=EDITION,
        time=None if rows.moments is None else rows.time,
        entity=rows.entity,
        counted=rows.apart is not None and bool(rows.apart.any()),
        from_s=from_s,
        to_s=None if rows.moments is None else float(rows.moments.max()),
        carried=carried,
        releases=releases,
    )
    low = (held < 0) & (luck(rows.groups) < bare.share)[rows.groups.of] & (rows.moments is None)
    taught = np.unique(rows.keys[low])
    return tuple(_new_seal(rows, bare, held == i, f"h{book.account.n_named + i + 1}", taught) for i in range(count))


def _new_seal(rows: Rows, bare: Holdout, mine: BoolArray, name: str, taught: Keys) -> NewSeal:
    members = np.unique(rows.keys[mine])
    sealed = msgspec.structs.replace(bare, name=name, n_rows=rows.n_distinct(mine), digest=digest_of(members))
    apart = members[:0] if rows.apart is None else np.unique(rows.keys[mine & rows.apart])
    return NewSeal(sealed, members, taught, np.flatnonzero(mine), apart)


def digest_of(members: Keys) -> str:
    """Return the digest of a holdout's sorted keys: what the ledger knows it by.

    >>> digest_of(np.zeros(0, dtype=np.uint64))[:14]
    'sha256:e3b0c44'
    """
    return "sha256:" + hashlib.sha256(members.astype("<u8").tobytes()).hexdigest()


def _again_at_random(rows: Rows, book: Book, family: Sequence[Known]) -> Sealed | None:
    held = _found(rows.keys, family)
    current = _current(rows, held, book, family)
    if current is None:
        return None
    waiting = _waiting(rows, family, held)
    wanted = max(each.holdout.enough for each in family)
    fresh: tuple[NewSeal, ...] = ()
    if rows.n_distinct(waiting) >= wanted and _tells(rows, waiting) and book.only is None:
        fresh = _fresh_at_random(rows, book, family, np.where(waiting, 0, -1))
        held, waiting = np.where(waiting, len(family), held), np.zeros(waiting.size, dtype=np.bool_)
        there = [*family, *(Known(each.holdout, each.members, each.taught) for each in fresh)]
        current = _current(rows, held, book, there)
    holdouts = (*(each.holdout for each in family), *(each.holdout for each in fresh))
    n_again = None if current is None or current >= len(family) else rows.n_distinct(held == current)
    return Sealed(held, waiting, holdouts, fresh, current or 0, n_again, rows.n_distinct(waiting), wanted)


def _fresh_at_random(rows: Rows, book: Book, family: Sequence[Known], held: IntArray) -> tuple[NewSeal, ...]:
    """Seal waiting rows under the first holdout's seed and share, so that later ones wait by the same draw."""
    first = family[0].holdout
    (new,) = _new_seals(rows, book, held)
    said = msgspec.structs.replace(new.holdout, seed=first.seed, share=first.share)
    return (replace(new, holdout=said),)


def _waiting(rows: Rows, family: Sequence[Known], held: IntArray) -> BoolArray:
    """New rows that may become a fresh holdout: low draws of whole groups that no training has learned from."""
    share = family[0].holdout.share
    taught = np.unique(np.concatenate([each.taught for each in family]))
    low = (held < 0) & (luck(rows.groups) < share)[rows.groups.of] & (positions(rows.keys, taught) < 0)
    whole = np.bincount(rows.groups.of, weights=~low) == 0
    waiting: BoolArray = whole[rows.groups.of]
    return waiting


def _again_by_time(rows: Rows, book: Book, family: Sequence[Known]) -> Sealed | None:
    assert rows.moments is not None
    family = [each for each in family if each.holdout.batch == family[-1].holdout.batch]
    held, kept_out = _found_by_time(rows, book, family)
    current = _current(rows, held, book, family)
    if current is None:
        return None
    start, end = _bounds(family, rows.moments[held >= 0])
    newer = (rows.moments > end) & (held < 0)
    wanted = family[0].holdout.enough
    if rows.n_distinct(newer) >= wanted and _tells(rows, newer) and book.only is None:
        releases = tuple(each.holdout.name for each in family)
        share = min(share_of(book.count), newer.mean())
        start_s = max(newest(rows.moments, share) or end, float(rows.moments[newer].min()))
        return _from(rows, book, start_s, carried=0, releases=releases)
    aside = (held < 0) & ((rows.moments >= start) | kept_out)
    holdouts = tuple(each.holdout for each in family)
    n_again, n_waiting = rows.n_distinct(held == current), rows.n_distinct(newer)
    return Sealed(held, aside, holdouts, (), current, n_again, n_waiting, wanted, start)


def _found_by_time(rows: Rows, book: Book, family: Sequence[Known]) -> tuple[IntArray, BoolArray]:
    """Return the holdout of each row, and which rows may not teach although they do not judge either.

    Rows known by what stands in them are sealed whatever their moment is read as (in another time zone they have
    another); of who is known by a column only the rows of the holdout's time judge.
    """
    assert rows.moments is not None
    found = _found(rows.keys, family)
    start, end = _bounds(family)
    inside = (rows.moments >= start) & (rows.moments <= end)
    if rows.entity is not None:
        return np.where(inside, found, -1), (found >= 0) & ~inside
    if _current(rows, found, book, family) is None and len(family) == 1:
        found = np.where(inside, 0, found)  # its values were changed, its time was not
    return found, np.zeros(found.size, dtype=np.bool_)


def _bounds(family: Sequence[Known], met: FloatArray | None = None) -> tuple[float, float]:
    """Return the first and the last moment of what is sealed, those at which its rows are `met` now among them."""
    now = [] if met is None else [float(met.min()), float(met.max())]
    starts = [*now, *(each.holdout.from_s for each in family if each.holdout.from_s is not None)]
    ends = [*now, *(each.holdout.to_s for each in family if each.holdout.to_s is not None)]
    return min(starts), max(ends)


def _found(keys: Keys, family: Sequence[Known]) -> IntArray:
    held = np.full(keys.size, -1, dtype=np.int64)
    for place, known in enumerate(family):
        held[positions(keys, known.members) >= 0] = place
    return held


def _current(rows: Rows, held: IntArray, book: Book, family: Sequence[Known]) -> int | None:
    """Return the place of the holdout that judges now among those whose rows are still there; None without any."""
    names = [each.holdout.name for each in family]
    if book.only is not None:
        return names.index(book.only) if book.only in names else None
    there = [i for i, each in enumerate(family) if rows.n_distinct(held == i) >= FOUND_AGAIN * each.holdout.n_rows]
    chosen = book.account.current([family[i].holdout for i in there], book.looks)
    return None if chosen is None else names.index(chosen.name)


def _tells(rows: Rows, which: BoolArray) -> bool:
    """Whether some rows hold more than one outcome."""
    return rows.outcomes is None or bool(np.unique(rows.outcomes[which]).size > 1)
