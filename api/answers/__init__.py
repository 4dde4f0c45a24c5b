"""What the API answers, as types: the description is made of them, and tests hold real answers against it.

A member is always there unless it is marked `NotRequired`; more members may come within /v1 (docs/contracts.md).
"""
