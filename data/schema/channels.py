"""Step 5: what a channel sent that could not be taken in, and since when it is silent."""

from __future__ import annotations

CHANNELS_5 = """
ALTER TABLE channel ADD COLUMN trouble_at TEXT NOT NULL DEFAULT '';
ALTER TABLE channel ADD COLUMN trouble_told INTEGER NOT NULL DEFAULT 0
    CHECK (trouble_told IN (0, 1));
CREATE TABLE left_out (
    channel TEXT NOT NULL,
    reference TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (channel, reference)
) {strict};
"""

PARTS = (CHANNELS_5,)
