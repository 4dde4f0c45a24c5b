"""Tests; `tests.facts` builds facts, `tests.laws` the law, `tests.stories` tells what should happen."""
