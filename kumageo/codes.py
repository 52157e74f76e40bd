"""Municipality codes: 熊本市 is one municipality (43100) and five wards (43101 to 43105).

Codes are five digits without the check digit (総務省「全国地方公共団体コード」) and always text:
read as a number, a code such as 01100 would lose its first digit.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

KUMAMOTO_CITY: Final = "43100"
KUMAMOTO_CITY_WARDS: Final = ("43101", "43102", "43103", "43104", "43105")
_OTHER_MUNICIPALITIES = """
    43202 43203 43204 43205 43206 43208 43210 43211 43212 43213 43214 43215 43216 43348
    43364 43367 43368 43369 43403 43404 43423 43424 43425 43428 43432 43433 43441 43442
    43443 43444 43447 43468 43482 43484 43501 43505 43506 43507 43510 43511 43512 43513
    43514 43531
"""
# The 44 other municipalities and the five wards: the areas of the prefecture.
AREA_CODES: Final = (*KUMAMOTO_CITY_WARDS, *_OTHER_MUNICIPALITIES.split())
MUNICIPALITY_CODES: Final = (KUMAMOTO_CITY, *_OTHER_MUNICIPALITIES.split())


def to_municipality_codes(codes: pd.Series) -> pd.Series:
    """Replace the code of a ward of 熊本市 by the code of the city; others stay as they are.

    Parameters
    ----------
    codes
        Five-digit codes as text; NA stays NA.

    Returns
    -------
    pandas.Series
        Text, with the index of `codes`.
    """
    return codes.mask(codes.isin(KUMAMOTO_CITY_WARDS), KUMAMOTO_CITY)
