"""What hospitals are said to have reached, earn and spend: invented figures that follow from size, none drawn.

They come after everything that is drawn, so that adding to them changes nothing else.
"""

from __future__ import annotations

from zlib import crc32

import pandas as pd

from facilityplan.domain.kinds import HOSPITAL_KINDS, FacilityKind, Status

FLAGSHIP_SHARE = 0.35  # of township hospitals, the largest: a flagship hall of Chinese medicine
RECOMMENDED_SHARE = 0.67  # of them: the national programme's recommended standard
TCM_BEDS = 0.06  # of a hospital's beds, but for one of Chinese medicine
RESERVED = (0.22, 0.16)  # of beds, for referrals: the largest hospital of the county, the others
SPENDING_PER_DOCTOR = 420_000.0  # CNY a year; balances come out between 3 % below and 3 % above


def with_standing(table: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities with beds of Chinese medicine and reserved, standards reached and accounts of hospitals."""
    table = table.sort_values("id", ignore_index=True)
    stands = table["kind"].isin([str(k) for k in HOSPITAL_KINDS]) & (table["status"] == Status.EXISTING.value)
    township = stands & (table["kind"] == FacilityKind.TOWNSHIP_HOSPITAL.value)
    largest = table[township].sort_values(["beds", "doctors", "id"], ascending=[False, False, True])["id"].tolist()
    for column, share in (("flagship_tcm", FLAGSHIP_SHARE), ("recommended_standard", RECOMMENDED_SHARE)):
        best = set(largest[:round(share * len(largest))])
        table[column] = [None if not there else (i in best or not of_township) for i, there, of_township in
                         zip(table["id"], stands, township, strict=True)]
    first = table[stands & ~township].sort_values(["beds", "id"], ascending=[False, True])["id"].head(1).tolist()
    # A hospital of Chinese medicine is known by its name; only hospitals of the county reserve beds for referrals.
    tcm = [1.0 if "中医" in name else TCM_BEDS for name in table["name"]]
    kept = [RESERVED[0] if i in first else RESERVED[1] for i in table["id"]]
    for column, share, there in (("tcm_beds", tcm, stands), ("reserved_beds", kept, stands & ~township)):
        table[column] = pd.Series([round(int(beds) * s) if t and not pd.isna(beds) else None for beds, s, t in
                                   zip(table["beds"], share, there, strict=True)], dtype="Int64")
    spending = [round(SPENDING_PER_DOCTOR * int(n)) if there else None
                for n, there in zip(table["doctors"].fillna(0), stands, strict=True)]
    spread = [0.97 + 0.06 * crc32(str(i).encode()) / 2**32 for i in table["id"]]
    table["spending_cny"] = pd.Series(spending, dtype="Int64")
    table["income_cny"] = pd.Series([None if s is None else round(s * f) for s, f in
                                     zip(spending, spread, strict=True)], dtype="Int64")
    return table
