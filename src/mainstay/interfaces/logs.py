"""How the service's processes log: a line for each thing, as text or as JSON, and never what an exception says.

An exception's message can hold what a caller sent; where it came from cannot.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeAlias

FORMATS = ("text", "json")
ACCESS = "mainstay.access"
Caught: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]  # as `logging` keeps them
)


def begin_logging(form: str) -> None:
    """Log to standard error, as `text` or `json`."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"text": {"()": TextLines}, "json": {"()": JsonLines}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
            "loggers": {
                "mainstay": {"handlers": ["stderr"], "level": "INFO"},
                "uvicorn": {"handlers": ["stderr"], "level": "ERROR"},
            },
        }
    )


def where(error: BaseException) -> str:
    """Say where an error came from, without its message: that could hold a caller's values."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


class TextLines(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatException(self, ei: Caught) -> str:  # noqa: N802 - the name that `logging` calls
        """Say where an exception came from."""
        return where(ei[1]) if ei[1] is not None else ""


class JsonLines(logging.Formatter):
    """One JSON object for each line: when, how grave, what; and by name whatever was logged as `said`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = where(record.exc_info[1])
        return json.dumps(line | getattr(record, "said", {}), ensure_ascii=False)
