"""Other files for the small county: roads and villages as GeoDataFrames, and an OpenStreetMap extract."""

from __future__ import annotations

import geopandas as gpd
import shapely
from inputs_county import ROADS, VILLAGES, County, lonlat

NODES = {1: (0, 3000), 2: (1500, 3000), 3: (3000, 3000), 4: (6000, 3000), 5: (3000, 0), 6: (3000, 6000),
         7: (1500, 1500),
         8: (3000, 3000), 9: (4500, 4500)}  # 8 lies where 3 does and is another node: no junction
WAYS = {
    11: ([1, 2, 3, 4], {"highway": "primary", "maxspeed": "50", "name": "路"}),
    12: ([5, 3, 6], {"highway": "tertiary", "oneway": "-1"}),
    13: ([7, 2], {"highway": "track", "bridge": "viaduct"}),
    14: ([8, 9], {"highway": "service"}),
    15: ([9, 4], {"highway": "service", "access": "private"}),
    16: ([9, 4], {"highway": "proposed"}),
    17: ([6, 9, 999, 4, 1], {"highway": "path"}),  # 999 is not in the file
    18: ([7, 5], {"highway": "residential", "area": "yes"}),
}


def road_frame(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"road_class": [f["properties"]["road_class"] for f in ROADS]},
                            geometry=[shapely.LineString(f["geometry"]["coordinates"]) for f in ROADS],
                            crs="EPSG:4326").to_crs(crs)


def village_frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"编号": [f"0{k}" for k in range(4)], "name": ["村䶮甲", "村乙", "钟管镇下塘", "丁"],
                             "乡镇": ["甲乡"] * 4, "people": [100, None, 102, 103]},
                            geometry=[shapely.Point(lonlat(*p)) for p in VILLAGES], crs="EPSG:4326")


def write_osm(county: County, name: str, nodes: dict, ways: dict, tagged: dict | None = None, *,
              nodes_last: bool = False) -> None:
    def node(number: int) -> str:
        lon, lat = lonlat(*nodes[number])
        tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in (tagged or {}).get(number, {}).items())
        return f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{tags}</node>'

    def way(number: int) -> str:
        refs, tags = ways[number]
        return (f'<way id="{number}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs)
                + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()) + "</way>")

    parts = [[node(n) for n in nodes], [way(w) for w in ways]]
    body = "".join("".join(p) for p in (parts[::-1] if nodes_last else parts))
    county.text(name, f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{body}</osm>')
