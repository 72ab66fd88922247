"""Documents: labels, packing slips and barcode sheets as bytes for a printer."""
