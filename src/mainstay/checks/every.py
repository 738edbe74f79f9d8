"""Every check there is, in the order in which an exam asks."""

from __future__ import annotations

from mainstay.checks.apart import APART_CHECKS
from mainstay.checks.bent import BENT_CHECKS
from mainstay.checks.check import Check
from mainstay.checks.copies import COPY_CHECKS
from mainstay.checks.coverage import COVERAGE
from mainstay.checks.expectations import EXPECTATION_CHECKS
from mainstay.checks.fills import FILL_CHECKS
from mainstay.checks.gap_rows import GAP_ROW_CHECKS
from mainstay.checks.group_costs import COST_CHECKS
from mainstay.checks.groups import GROUP_CHECKS
from mainstay.checks.history import HISTORY
from mainstay.checks.identifiers import IDENTIFIER_CHECKS
from mainstay.checks.importance import IMPORTANCE_CHECKS
from mainstay.checks.judgeable import JUDGEABLE
from mainstay.checks.label_ratio import LABEL_RATIO_CHECKS
from mainstay.checks.labels import LABELS
from mainstay.checks.leaks import LEAKS
from mainstay.checks.levels import LEVELS
from mainstay.checks.names import NAMES
from mainstay.checks.protected_inputs import PROTECTED_INPUT_CHECKS
from mainstay.checks.purpose import PURPOSE
from mainstay.checks.reasons import REASON_CHECKS
from mainstay.checks.running import RUNNING
from mainstay.checks.segments import SEGMENT_CHECKS
from mainstay.checks.skill import SKILL_CHECKS
from mainstay.checks.slices import SLICE_CHECKS
from mainstay.checks.trained import TRAINED
from mainstay.checks.units import UNIT_CHECKS
from mainstay.checks.upkeep import UPKEEP

EVERY: tuple[Check, ...] = (
    *PURPOSE,
    *TRAINED,
    *SEGMENT_CHECKS,
    *SLICE_CHECKS,
    *GROUP_CHECKS,
    *COST_CHECKS,
    *LABEL_RATIO_CHECKS,
    *GAP_ROW_CHECKS,
    *PROTECTED_INPUT_CHECKS,
    *LEAKS,
    *COPY_CHECKS,
    *APART_CHECKS,
    *FILL_CHECKS,
    *IDENTIFIER_CHECKS,
    *COVERAGE,
    *LEVELS,
    *NAMES,
    *BENT_CHECKS,
    *UNIT_CHECKS,
    *SKILL_CHECKS,
    *HISTORY,
    *EXPECTATION_CHECKS,
    *REASON_CHECKS,
    *IMPORTANCE_CHECKS,
    *LABELS,
    *RUNNING,
    *JUDGEABLE,
    *UPKEEP,
)
