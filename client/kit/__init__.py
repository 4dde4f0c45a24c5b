"""The conformance kit 对接自测 from a vendor's side: twelve scenarios against a sandbox, by this client as the example.

A vendor whose software is not built on this client runs `feilian conform --by-hand`, lets its own software act on what
is given, and has each scenario judged; the verdict rests on what the sandbox saw.
"""

from client.kit.acts import ACTS, Sandbox

__all__ = ["ACTS", "Sandbox"]
