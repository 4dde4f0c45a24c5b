"""Whether stored bytes hold other bytes, in SQL of both databases; api/reach.py asks it of the parties of alerts."""

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class NamedIn(FunctionElement[bool]):
    """Whether bytes (the second argument) hold other bytes (the first)."""

    type = Boolean()
    inherit_cache = True


@compiles(NamedIn)
def _named_in(element: NamedIn, compiler: Any, **options: Any) -> str:
    named, column = [compiler.process(clause, **options) for clause in element.clauses]
    return f"instr({column}, {named}) > 0"


@compiles(NamedIn, "postgresql")
def _named_in_postgres(element: NamedIn, compiler: Any, **options: Any) -> str:
    named, column = [compiler.process(clause, **options) for clause in element.clauses]
    return f"position({named} in {column}) > 0"
