"""Delivering a letter: a webhook by ourselves, everything else through Apprise."""

from __future__ import annotations

import os
from importlib import import_module

from mainstay.domain.brief.notify import NotifyPart
from mainstay.domain.errors import Undelivered
from mainstay.domain.notice import Letter
from mainstay.interfaces.notify import webhook
from mainstay.interfaces.notify.addresses import filled, scheme_of

APPRISE = "mainstay.interfaces.notify.by_apprise"


def deliver(target: str, part: NotifyPart, letter: Letter) -> None:
    """Send a letter to an address of the brief and return once it was taken; raises `Undelivered`, which names it."""
    try:
        address = filled(part.to, os.environ)
        if address.lower().startswith(("http://", "https://")):
            key = filled(part.signed_with, os.environ) if part.signed_with is not None else None
            webhook.post(address, letter, key=key)
        else:
            _through_apprise(address, letter)
    except Undelivered as error:
        raise Undelivered(f"{target}: {error.what}", remedy=error.remedy) from error


def _through_apprise(address: str, letter: Letter) -> None:
    try:
        module = import_module(APPRISE)
    except ImportError as error:
        what = f"{scheme_of(address)} needs Apprise, which is not installed"
        raise Undelivered(what, remedy="Install it: pip install 'mainstay[notify]'.") from error
    module.post(address, letter)
