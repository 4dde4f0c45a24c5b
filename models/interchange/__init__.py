"""Other systems' words for what the facts say: the national field names, EPA's e-Manifest, GS1's EPCIS, labels. Pure."""
