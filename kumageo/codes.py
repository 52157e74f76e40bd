"""Municipality codes: 熊本市 is one municipality (43100) and five wards (43101 to 43105).

Codes are five digits without the check digit (総務省「全国地方公共団体コード」) and always text:
read as a number, a code such as 01100 would lose its first digit.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

PREFECTURE_CODE: Final = "43"
KUMAMOTO_CITY: Final = "43100"
KUMAMOTO_CITY_WARDS: Final = ("43101", "43102", "43103", "43104", "43105")


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
