"""`make stories`: tells every story in memory and prints how many there are and which alert kinds they never bring."""

from collections.abc import Iterable

from models.alerts import AlertKind
from streams.keyjudge import Change
from tests.laws import default_law
from tests.stories.runner import all_stories, rules_for, story_files, tell


def never(changes: Iterable[Change]) -> tuple[list[AlertKind], list[AlertKind]]:
    """The alert kinds never raised, and those never cleared; what is past when it is known is raised and cleared at once."""
    happened = {(change.change, change.alert.finding.kind) for change in changes}
    raised = {kind for change, kind in happened if change in {"raised", "past", "regressed"}}
    cleared = {kind for change, kind in happened if change in {"cleared", "past"}}
    return [k for k in AlertKind if k not in raised], [k for k in AlertKind if k not in cleared]


def changes_of(file: str) -> list[Change]:
    """What the stories of a file change."""
    law, rules = default_law(), rules_for(file)
    stories = [story for (known, _), story in all_stories().items() if known == file]
    return [change for story in stories for step in tell(story, law, rules) for change in step]


def main() -> None:
    """Print the table."""
    changes = [change for file in story_files() for change in changes_of(file)]
    never_raised, never_cleared = never(changes)
    for file in story_files():
        print(f"{file:<12} {sum(1 for known, _ in all_stories() if known == file):>4} stories")
    print(f"{'in all':<12} {len(all_stories()):>4} stories, {len(changes)} changes of alerts")
    print("never raised: ", ", ".join(never_raised) or "none")
    print("never cleared:", ", ".join(never_cleared) or "none")


if __name__ == "__main__":
    main()
