"""Honghu (洪湖): the operating platform of a county."""
