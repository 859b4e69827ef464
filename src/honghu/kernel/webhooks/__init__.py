"""Telling machines: signed requests to the addresses that organisations subscribed."""
