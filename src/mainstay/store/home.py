"""The home: the folder `.mainstay/` beside the brief, where everything that lasts is kept.

```
.mainstay/
├── ledger.sqlite     every act, one hash chain per model
├── ledger.address    where the ledger is instead, if it is in a database; never with a password
├── ledger.heads      how long each chain was and its last hash, sealed with the secret
├── secret            32 random bytes (mode 0600); a home without it is not readable as itself
├── artifacts/        MODEL/NUMBER/…   bundles, evaluations, reports; immutable
├── key-use/          KEY              dated when a caller's key was last used
├── snapshots/        ID/…             rows that were trained on, and their salts
├── holdouts/         MODEL/…          keys of sealed rows
├── spool/            MODEL/STREAM/SLOT/…   answered, not yet journalled
├── journal/          MODEL/TABLE/…    Delta tables
├── outbox/           MODEL.json       which messages to people wait, and which were taken
├── looks/            MODEL.json       what the watch knew when it last looked; may be removed
├── starts            when workers of the service started
└── answered          what was answered lately, by id: for retries, and nobody's record
```

Nothing here loads frames or Delta: a serving worker opens a home in milliseconds.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from mainstay.domain.errors import Asked, NotFound, StoreError
from mainstay.store.artifacts import Artifacts
from mainstay.store.files import check_place, disk_faults
from mainstay.store.ledger import Ledger
from mainstay.store.ledger_proof import first_witness, names_events
from mainstay.store.ledger_where import LEDGER, WITNESS, address_of, ledger_place, make_ledger
from mainstay.store.secret import RESTORE, make_secret, read_secret

FOLDER = ".mainstay"
BRIEF = "mainstay.toml"


@dataclass(frozen=True, slots=True)
class Home:
    """An open home. `root` is the folder `.mainstay` itself."""

    root: Path
    secret: bytes = field(repr=False)
    address: str | None = None

    @property
    def ledger(self) -> Ledger:
        """Every act, in order: in a file here, or in the database at `address`."""
        place = ledger_place(self.root, self.address, self.secret)
        return Ledger(place, self.root / WITNESS, self.secret)

    @property
    def artifacts(self) -> Artifacts:
        """Bundles, evaluations and reports."""
        return Artifacts(self.root / "artifacts")

    @property
    def snapshots_root(self) -> Path:
        """Where `store.snapshots` keeps the rows that were trained on."""
        return self.root / "snapshots"

    @property
    def holdouts_root(self) -> Path:
        """Where `store.seals` keeps the keys of sealed rows."""
        return self.root / "holdouts"

    @property
    def spool_root(self) -> Path:
        """Where workers leave what they answered."""
        return self.root / "spool"

    @property
    def journal_root(self) -> Path:
        """Where `store.journal` keeps its Delta tables."""
        return self.root / "journal"


def open_home(folder: Path, *, create: bool = True, ledger: str | None = None) -> Home:
    """Open the home beside the brief in `folder`, and make it if there is none, with its ledger at an address if named.

    Two processes may do so at once. Raises `NotFound` if there is none and `create` is false, `StoreError` if it has
    lost its ledger or its secret or lies where the journal could not be kept, `Asked` for a ledger that is elsewhere.
    """
    root = Path(folder).absolute() / FOLDER
    if not root.is_dir() and not create:
        raise NotFound(f"there is no {FOLDER} in {root.parent}", remedy="Make a model first: mainstay train.")
    check_place(root)
    address = address_of(root)
    is_made = _has_ledger(root)
    if not is_made:
        _never_had_events(root)
    secret = read_secret(root / "secret") or _first_secret(root)
    if not is_made:
        first_witness(root / WITNESS, secret)
        address = make_ledger(root, ledger, secret)
    elif ledger is not None and ledger != address:
        what = f"the brief wants the ledger in {ledger}, and this home has it in {address or LEDGER}"
        raise Asked(
            what, remedy=f"Move it: mainstay ledger --move {shlex.quote(ledger)}. Or write no ledger under [store]."
        )
    return Home(root, secret, address)


def find_home(start: Path) -> Home:
    """Open the home of the nearest folder, from `start` upwards, that holds one or a brief; raises `NotFound`."""
    start = Path(start).absolute()
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir() or (folder / BRIEF).is_file():
            return open_home(folder)
    remedy = "Go to a project, name it with --project, or draft one: mainstay init FOLDER --data FILE --target COLUMN."
    raise NotFound(f"neither {start} nor a folder above it holds a {BRIEF}", remedy=remedy)


def _never_had_events(root: Path) -> None:
    """Refuse to begin a new history where there was one; nothing is made."""
    ledger = root / LEDGER
    versions = (path for path in (root / "artifacts").glob("*/*") if path.name.isdecimal())
    snapshots = (path for path in (root / "snapshots").glob("*") if not path.name.startswith("."))
    log = ledger.with_name(f"{LEDGER}-wal")  # a new ledger would take the old one's last pages for its own
    had_events = names_events(root / WITNESS) or any(versions) or any(snapshots) or log.exists()
    if had_events and not _has_ledger(root):  # another process may have made it meanwhile
        remedy = "Bring it back from a backup: mainstay restore FILE FOLDER."
        raise StoreError(f"the history is gone: {LEDGER} is missing from {root}", remedy=remedy)


def _has_ledger(root: Path) -> bool:
    return (root / LEDGER).exists() or address_of(root) is not None


def _first_secret(root: Path) -> bytes:
    had_ledger = _has_ledger(root)  # the secret is made first: a ledger without one has lost it
    secret = read_secret(root / "secret")
    if secret is not None:
        return secret
    if had_ledger:
        raise StoreError(f"{root / 'secret'} is gone", remedy=RESTORE)
    with disk_faults(f"making {root}"):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (root / ".gitignore").write_text("*\n", encoding="utf-8")
    return make_secret(root / "secret")
