"""A service made by hand, and a request to it."""

from __future__ import annotations

import os
from itertools import count

import pytest
from tests.serving.made import AT_US, make

from mainstay.serving.call import Call
from mainstay.serving.service import Service


@pytest.fixture
def service() -> Service:
    return make()


@pytest.fixture
def call() -> Call:
    return Call(key="", at_us=AT_US, started_us=0, clock_us=count(250).__next__, entropy=os.urandom, secret=b"s" * 32)
