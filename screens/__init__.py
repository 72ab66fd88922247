"""What operators see: every screen draws a `Step`, and knows no store and no device."""
