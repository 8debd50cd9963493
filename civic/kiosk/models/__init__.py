"""Tables of the kiosk, one module for each noun; imported by full path."""

from civic.kiosk.models import cards, devices, scans

__all__ = ["cards", "devices", "scans"]
