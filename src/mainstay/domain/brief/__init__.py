"""The brief: what a model is for, as one checked file (`mainstay.toml`)."""

from mainstay.domain.brief.model import Brief
from mainstay.domain.brief.read import parse_brief

__all__ = ["Brief", "parse_brief"]
