"""The hands that move facts: ledger, ticks, relay, judge, publisher, Faust application and embedded loop."""
