"""What exams keep for the page: of two outcomes with all that there is, and of amounts with the least."""

from __future__ import annotations

from mainstay.domain.evaluation import Estimate
from mainstay.domain.shown import (
    EffectShown,
    GroupShown,
    GroupsShown,
    InputShown,
    MetShown,
    PlaceShown,
    PlacesShown,
    RatioShown,
    RuleShown,
    Shown,
)
from mainstay.domain.taken import Taken

AT = "2026-11-20T10:00:00Z"


def taken(shown: Shown | None) -> Taken:
    return Taken(at=AT, answers=(), shown=shown)


def near(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half)


def place(name: str, gain: float | None, *, n: int = 400, is_worse: bool = False) -> PlaceShown:
    found = None if gain is None else near(gain, 2.0)
    return PlaceShown(name=name, n=n, gain=found, total=None if gain is None else gain * n, is_worse=is_worse)


def number_effect(name: str = "debt") -> EffectShown:
    mean = tuple(0.05 + 0.02 * i for i in range(10))
    return EffectShown(
        name=name,
        values=tuple(100.0 * i for i in range(10)),
        mean=mean,
        low=tuple(each - 0.03 for each in mean),
        high=tuple(each + 0.2 for each in mean),
        counts=(40, 90, 120, 50),
        edges=(0.0, 225.0, 450.0, 675.0, 900.0),
    )


def level_effect(name: str = "region", of: str = "") -> EffectShown:
    return EffectShown(
        name=name,
        of=of,
        values=("north", "south"),
        mean=(0.1, 0.3),
        low=(0.02, 0.1),
        high=(0.2, 0.6),
        counts=(900, 300),
    )


def groups(column: str = "sex") -> GroupsShown:
    return GroupsShown(
        column=column,
        metric="selection_rate",
        groups=(
            GroupShown(name=f"{column}=f", n=700, came=near(0.2, 0.02), decided=near(0.3, 0.03), money=near(90, 20)),
            GroupShown(name=f"{column}=m", n=500, came=near(0.3, 0.02), decided=near(0.4, 0.03), money=near(80, 20)),
            GroupShown(name=f"{column}=x", n=7),
        ),
        max_gap=0.05,
        ratio=RatioShown(
            first=f"{column}=f", second=f"{column}=m", came=near(0.67, 0.08), decided=Estimate(0.75, 0.66, 0.84)
        ),
        verdict="fail",
        says=(f"{column}: the gap of selection rate between {column}=m and {column}=f is 0.1 (0.07 to 0.13)",),
    )


def whole(name: str = "region") -> Shown:
    """Everything that an exam of two outcomes keeps."""
    return Shown(
        inputs=(
            InputShown(name="debt", share=near(0.42, 0.03), money=near(310.0, 40.0)),
            InputShown(name=name, share=near(0.11, 0.02), money=near(55.0, 30.0)),
            InputShown(name="noise", share=near(-0.001, 0.004), money=near(-1.0, 6.0)),
        ),
        n_inputs=3,
        effects=(number_effect(), level_effect(name)),
        places=PlacesShown(
            over="'approve' for all",
            unit="TWD",
            is_money=True,
            segments={name: (place(f"{name}=north", 8.0), place(f"{name}=south", -6.0, is_worse=True))},
            periods=(place("2026-01", 3.0), place("2026-02", None, n=12), place("2026-03", 4.0)),
            rules=(RuleShown(conditions=("age<25", f"{name}=south"), says="the version is worse", gain=near(-9, 3)),),
            is_searched=True,
        ),
        groups=(groups(),),
        tests=tuple(
            MetShown(section=section, asks=f"Question {i}", by="mainstay check", points=points)
            for section, points in (("data", 1.0), ("model", 0.5))
            for i in range(2)
        ),
    )


def bare() -> Shown:
    """As little as an exam keeps: no bounds, one place, groups without shares, no inputs."""
    return Shown(
        places=PlacesShown(
            over="the base rate",
            unit="points of the Brier score",
            is_money=False,
            segments={"a": (PlaceShown(name="a=1", n=40, gain=Estimate(0.1)), place("a=2", None, n=3)), "b": ()},
        ),
        groups=(
            GroupsShown(
                column="sex", metric="accuracy", groups=(GroupShown(name="sex=f", n=90, metric=Estimate(0.7)),)
            ),
            GroupsShown(column="race", metric="", groups=(GroupShown(name="race=a", n=3),)),
        ),
    )
