"""`diff --split-by`: a change as mails, each a commit for `git am`, and a folder of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autospan import worktree
from autospan.config import ConfigError
from autospan.model import Commit, Patch, Place, Plan, Problem
from autospan.owners import read_owners
from autospan.present import mailbox
from autospan.present._candidates import Candidates
from autospan.present._terminal import progress
from autospan.series import Owners, make_series
from autospan.write import write

if TYPE_CHECKING:
    from autospan.options import Splitting
    from autospan.pipeline import Analysis
    from autospan.present.mailbox import Mail


def mailed(
    splitting: Splitting, analysis: Analysis, plan: Plan, patches: Sequence[Patch], quiet: bool
) -> tuple[tuple[Commit, ...], tuple[Mail, ...]]:
    """The series that the options ask for, as commits and as the mails of these.

    Raises:
        ConfigError: if it is to be split by owners, and no file says who they are.
    """
    root = Path(analysis.tree.root)
    by = splitting.split_by.value if splitting.split_by else ""
    owners = _owners(root) if by == "owner" else lambda path: ()
    with progress(quiet) as tell:
        most = splitting.max_changes or 0
        commits = make_series(analysis, plan, patches, by, most, owners, tell)
    candidates = Candidates(analysis)
    mails = mailbox.present(
        commits,
        lambda edit: candidates.of(edit).telling,
        worktree.author(root),
        worktree.below_top(root),
    )
    return commits, mails


def _owners(root: Path) -> Owners:
    top = worktree.top_of(root) or root
    owners, below = read_owners(top), worktree.below_top(root)
    if not owners.path:
        message = f"there is no CODEOWNERS file in {top}"
        hint = "it stands there, or in .github, .gitlab or docs; else --split-by package"
        raise ConfigError((Problem(Place("command line"), message, hint),))
    return lambda path: owners.of(f"{below}/{path}" if below else path)


def saved(folder: Path, mails: Sequence[Mail]) -> tuple[Problem, ...]:
    """Write the mails into a folder, which is made if it is not there; Problems mean that nothing
    was written. One that holds patches already is refused: `git am` would take these too."""
    if there := sorted(each.name for each in folder.glob("*.patch")):
        message = f"holds patches already ({there[0]}), which would be taken for some of the series"
        return (Problem(Place(str(folder)), message, "delete them, or name another folder"),)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    failed = write(folder, [Patch(mail.name, None, mail.data) for mail in mails])
    if failed and made:
        folder.rmdir()
    return failed
