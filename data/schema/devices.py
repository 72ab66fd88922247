"""Step 2: sounds of a station, scanners by name, what a printer's odometer counted."""

from __future__ import annotations

DEVICES = """
ALTER TABLE station ADD COLUMN sound TEXT NOT NULL DEFAULT '';
ALTER TABLE scan ADD COLUMN scanner TEXT NOT NULL DEFAULT '';
"""

PRINT_JOB_2 = """
CREATE TABLE print_job_2 (
    id {id},
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('label', 'slip')),
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    station_id INTEGER NOT NULL REFERENCES station (id),
    printer TEXT NOT NULL,
    content TEXT NOT NULL,
    payload BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'drained', 'printed',
        'faulted', 'unknown', 'confirmed', 'void')),
    detail TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reprint_of INTEGER REFERENCES print_job_2 (id),
    printed_on TEXT NOT NULL DEFAULT '',
    before INTEGER CHECK (before >= 0),
    after INTEGER CHECK (after >= 0),
    changed_at TEXT NOT NULL
) {strict};
INSERT INTO print_job_2 (id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, changed_at)
SELECT id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, changed_at FROM print_job ORDER BY id;
DROP TABLE print_job;
ALTER TABLE print_job_2 RENAME TO print_job;
CREATE INDEX print_job_queue ON print_job (station_id, id) WHERE state = 'queued';
CREATE INDEX print_job_sending ON print_job (station_id) WHERE state = 'sending';
CREATE INDEX print_job_parcel ON print_job (parcel_id, kind, id);
"""

PARTS = (
    DEVICES,
    PRINT_JOB_2,
)
