"""Screens that the pages are looked at on."""

DESKTOP, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
