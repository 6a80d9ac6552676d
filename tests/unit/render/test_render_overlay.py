from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from pyproj import Geod
from sample_plan import CELL_M, CRS, sample

from facilityplan.render.overlay import EARTH_RADIUS_M, halo, png_data_uri, warp_cells

GEOD = Geod(ellps="WGS84")


def pixel_places(images, name, value):
    """Longitude and latitude of the pixels with that value, as Leaflet stretches the image: evenly in Mercator."""
    (south, west), (north, east) = images.bounds
    image = images.images[name]
    row, column = np.nonzero(image == value)
    x = west + (column + 0.5) / image.shape[1] * (east - west)
    mercator = [np.arctanh(np.sin(np.radians(lat))) * EARTH_RADIUS_M for lat in (north, south)]
    y = mercator[0] + (row + 0.5) / image.shape[0] * (mercator[1] - mercator[0])
    return x, np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS_M)))


@pytest.mark.parametrize("raster_crs", [CRS, "EPSG:4326", "EPSG:32651"])
def test_cells_land_where_they_are(raster_crs):
    """Every sampled cell's pixels lie round its own centre, within half a cell, on a projected or geographic raster."""
    if raster_crs == "EPSG:32651":  # a zone whose axis is 3° away: the grid is turned against the meridian
        shape, transform = (400, 500), (CELL_M, 0.0, 190_000.0, 0.0, -CELL_M, 3_420_000.0)
        from pyproj import Transformer

        cell = np.arange(0, 200_000, 997)
        x, y = transform[2] + (cell % 500 + 0.5) * CELL_M, transform[5] - (cell // 500 + 0.5) * CELL_M
        lon, lat = Transformer.from_crs(raster_crs, "EPSG:4326", always_xy=True).transform(x, y)
        half = CELL_M / 2
    else:
        inputs = sample(villages=16, cells=400, raster_crs=raster_crs).inputs
        shape, transform = inputs.raster_shape, inputs.raster_transform
        cell, lon, lat = (inputs.cells[key].to_numpy() for key in ("cell", "lon", "lat"))
        half = CELL_M / 2 if raster_crs == CRS else 3 / 3600 / 2 * 96_000  # a WGS 84 cell is 80 m wide here
    chosen = np.linspace(0, len(cell) - 1, 60).astype(int)
    value = np.zeros(len(cell), np.uint8)
    value[chosen] = np.arange(1, 61)
    images = warp_cells(cell, {"mark": value}, transform, raster_crs, shape)
    drift = []
    for number, index in enumerate(chosen, start=1):
        x, y = pixel_places(images, "mark", number)
        assert len(x) >= 4, "a cell lost its pixels"
        away = GEOD.inv(np.mean(x), np.mean(y), lon[index], lat[index])[2]
        assert away < 0.65 * half, f"cell {cell[index]} is drawn {away:.0f} m off"
        drift.append((np.mean(x) - lon[index], np.mean(y) - lat[index]))
        farthest = max(GEOD.inv(a, b, lon[index], lat[index])[2] for a, b in zip(x, y, strict=True))
        assert farthest < 2 * half * 1.1
    # Nearest neighbour scatters single cells by part of a pixel, but on the whole nothing moves.
    east, north = np.mean(drift, axis=0) * (96_000, 110_900)
    assert np.hypot(east, north) < 0.15 * half


def test_values_are_never_mixed_and_the_window_is_tight():
    inputs = sample(villages=9, cells=200).inputs
    value = np.where(np.arange(len(inputs.cells)) % 2, 3, 7).astype(np.uint8)
    images = warp_cells(inputs.cells["cell"].to_numpy(), {"a": value}, inputs.raster_transform, inputs.raster_crs,
                        inputs.raster_shape)
    assert set(np.unique(images.images["a"])) == {0, 3, 7}
    (south, west), (north, east) = images.bounds
    assert south < inputs.cells["lat"].min() < inputs.cells["lat"].max() < north
    assert west < inputs.cells["lon"].min() < inputs.cells["lon"].max() < east
    assert GEOD.inv(west, south, inputs.cells["lon"].min(), inputs.cells["lat"].min())[2] < 8 * CELL_M


def test_a_large_county_stays_small_enough_for_a_phone():
    cell = np.array([0, 4_000 * 4_000 - 1])
    images = warp_cells(cell, {"a": np.array([1, 1], np.uint8)}, (100.0, 0, 300_000.0, 0, -100.0, 3_600_000.0), CRS,
                        (4_000, 4_000))
    assert max(images.images["a"].shape) <= 4_200


def test_no_cells_at_all():
    images = warp_cells(np.array([], int), {"a": np.array([], np.uint8)}, (100.0, 0, 0, 0, -100.0, 0), CRS, (5, 5))
    assert images.images["a"].sum() == 0


def test_a_halo_is_a_wash_with_an_edge():
    image = np.zeros((11, 11), np.uint8)
    image[5, 5] = 1
    ring = halo(image, 3)
    assert (ring[3:8, 3:8] == 1).all() and (ring > 0).sum() == 49 and (ring == 2).sum() == 49 - 25


def test_the_png_shows_what_was_put_in():
    image = np.array([[0, 1], [2, 0]], np.uint8)
    uri = png_data_uri(image, [(10, 20, 30, 200), (40, 50, 60, 255)])
    picture = Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))).convert("RGBA")
    pixels = np.asarray(picture)
    assert pixels[0, 1].tolist() == [10, 20, 30, 200] and pixels[1, 0].tolist() == [40, 50, 60, 255]
    assert pixels[0, 0, 3] == pixels[1, 1, 3] == 0
