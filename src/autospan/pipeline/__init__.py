"""The order of the stages; nothing else knows it.

paths ─discover→ Source ─read→ Facts ─link→ Graph ─recognize→ Survey ─rank→ Candidate
                                                              ─plan→ Plan ─rewrite→ Patch
"""

from autospan.analysis import Analysis, Linked, Surveyed
from autospan.pipeline.analyzing import Progress, analyze, connect, examine, ranked
from autospan.pipeline.making import (
    Patches,
    make_cooling,
    make_findings,
    make_outlook,
    make_patches,
    make_plan,
    make_removal,
    make_wiring,
)
from autospan.shelf import known_packs, try_fixture

__all__ = [
    "Analysis",
    "Linked",
    "Patches",
    "Progress",
    "Surveyed",
    "analyze",
    "connect",
    "examine",
    "known_packs",
    "make_cooling",
    "make_findings",
    "make_outlook",
    "make_patches",
    "make_plan",
    "make_removal",
    "make_wiring",
    "ranked",
    "try_fixture",
]
