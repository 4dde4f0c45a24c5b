"""The law: pure functions that judge facts, called by streams.judge and by replays alone."""
