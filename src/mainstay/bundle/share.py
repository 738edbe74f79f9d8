"""Inputs that several models of a plan read, written once: a model per class must not repeat a vocabulary per class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from mainstay.domain.plan import (
    CrossTerm,
    Difference,
    Forest,
    Input,
    LevelTerm,
    Linear,
    Model,
    Number,
    NumberTerm,
    Product,
    Shared,
)

Term: TypeAlias = NumberTerm | LevelTerm | CrossTerm
Places: TypeAlias = Mapping[Input, int]


def share(models: Sequence[Model]) -> tuple[tuple[Model, ...], tuple[Input, ...]]:
    """Return models that refer to the inputs they share, and these inputs; a plain number is not worth sharing.

    An input reads none but those before it.
    """
    read = Counter(source for model in models for source in _read(model))
    often = [source for source, n in read.items() if n > 1 and not isinstance(source, Number)]
    often.sort(key=lambda source: isinstance(source, Product | Difference))
    places: Places = {source: place for place, source in enumerate(often)}
    return tuple(_sharing(model, places) for model in models), tuple(_inside(source, places) for source in often)


def _read(model: Model) -> Iterator[Input]:
    for source in inputs_of(model):
        yield source
        if isinstance(source, Product | Difference):
            yield from (source.left, source.right)


def inputs_of(model: Model) -> Sequence[Input]:
    """Return the inputs of a model, in order; terms of levels read their field themselves."""
    if isinstance(model, Forest):
        return model.inputs
    if isinstance(model, Linear):
        return [term.input for term in model.terms if isinstance(term, NumberTerm | CrossTerm)]
    return []


def _sharing(model: Model, places: Places) -> Model:
    if isinstance(model, Forest):
        return replace(model, inputs=tuple(_referring(source, places) for source in model.inputs))
    if isinstance(model, Linear):
        return replace(model, terms=tuple(_term(term, places) for term in model.terms))
    return model


def _term(term: Term, places: Places) -> Term:
    if not isinstance(term, NumberTerm | CrossTerm):
        return term
    return replace(term, input=_referring(term.input, places))


def _referring(source: Input, places: Places) -> Input:
    return Shared(place=places[source]) if source in places else _inside(source, places)


def _inside(source: Input, places: Places) -> Input:
    if not isinstance(source, Product | Difference):
        return source
    return replace(source, left=_referring(source.left, places), right=_referring(source.right, places))
