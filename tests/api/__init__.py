"""The HTTP face, but for its pages: the door with all that it refuses, questions, the live stream."""
