"""The order of the stages; nothing else knows it.

paths ─discover→ Source ─read→ Facts ─link→ Graph ─recognize→ Survey ─rank→ Candidate
                                                              ─plan→ Plan ─rewrite→ Patch
"""

from autospan.analysis import Analysis, Audited, Linked, Surveyed
from autospan.pipeline.analyzing import analyze, connect, examine, ranked
from autospan.pipeline.auditing import audit
from autospan.pipeline.making import (
    Patches,
    make_cooling,
    make_outlook,
    make_patches,
    make_plan,
    make_plans,
    make_removal,
    make_wiring,
)
from autospan.pipeline.past import audited
from autospan.pipeline.stages import Progress
from autospan.shelf import known_packs, try_fixture

__all__ = [
    "Analysis",
    "Audited",
    "Linked",
    "Patches",
    "Progress",
    "Surveyed",
    "analyze",
    "audit",
    "audited",
    "connect",
    "examine",
    "known_packs",
    "make_cooling",
    "make_outlook",
    "make_patches",
    "make_plan",
    "make_plans",
    "make_removal",
    "make_wiring",
    "ranked",
    "try_fixture",
]
