"""The process that unpacks Arrow and Parquet bodies: `python -m mainstay.interfaces.table_child LIMITS`.

Bodies come on standard input, each behind its length; for each one its rows go as lines of JSON to standard output,
behind a line that says whether it could be read. It goes when the worker that started it does. A body that claims more
memory than it may take ends this process, and no other.
"""

from __future__ import annotations

import resource
import sys

import msgspec

from mainstay.domain.limits import Limits
from mainstay.workflows.sent_table import unpack_table

HEADER = 8


def run(limits: Limits) -> None:
    """Unpack what comes, within the memory that it may take, until nobody is left to ask."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.table_bytes, limits.table_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    reads, writes = sys.stdin.buffer, sys.stdout.buffer
    while len(header := reads.read(HEADER)) == HEADER:
        told = unpack_table(reads.read(int.from_bytes(header, "big")), limits)
        said = b"null\n" + told if isinstance(told, bytes) else msgspec.json.encode(told) + b"\n"
        writes.write(len(said).to_bytes(HEADER, "big") + said)
        writes.flush()


if __name__ == "__main__":
    run(msgspec.json.decode(sys.argv[1], type=Limits))
