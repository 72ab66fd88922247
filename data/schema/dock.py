"""Step 6: what waits on the dock, by carrier; it is counted at every parcel that is loaded."""

from __future__ import annotations

DOCK_6 = """
ALTER TABLE parcel ADD COLUMN carrier_id INTEGER REFERENCES carrier (id);
UPDATE parcel SET carrier_id = (
    SELECT s.carrier_id FROM orders o JOIN service s ON s.id = o.service_id
    WHERE o.id = parcel.order_id);
DROP INDEX parcel_to_load;
CREATE INDEX parcel_to_load ON parcel (carrier_id, labelled_at, weight_g) WHERE state = 'labelled';
"""

PARTS = (DOCK_6,)
