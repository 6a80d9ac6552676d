from __future__ import annotations

import itertools

import numpy as np
import pytest

from facilityplan.render import palette

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900]]),
}


def linear(colour: str) -> np.ndarray:
    part = np.array(palette.rgb(colour)) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> np.ndarray:
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / (0.9505, 1.0, 1.089))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    light, dark = sorted((float(linear(c) @ (0.2126, 0.7152, 0.0722)) for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("vision", VISION)
def test_shades_can_be_told_apart_by_everybody(vision):
    shades = palette.minute_classes(15)
    for one, other in itertools.combinations(shades, 2):
        assert np.linalg.norm(lab(one.colour, vision) - lab(other.colour, vision)) > 9, (vision, one, other)
    for shade in shades:
        assert np.linalg.norm(lab(shade.colour, vision) - lab(palette.LAND, vision)) > 9, (vision, shade)
    # Across the circle's limit the step is the largest of neighbouring steps.
    steps = [np.linalg.norm(lab(a.colour, vision) - lab(b.colour, vision)) for a, b in itertools.pairwise(shades[:6])]
    assert steps[2] == max(steps)


@pytest.mark.parametrize("vision", VISION)
def test_changes_can_be_told_apart_by_everybody(vision):
    colours = [palette.CHANGE_COLOURS[key] for key in ("nearer", "same", "up_to_2", "up_to_5", "up_to_10", "over_10",
                                                       "lost")]
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(lab(one, vision) - lab(other, vision)) > 9, (vision, one, other)


def test_decisions_differ_in_shape_or_mark_as_well_as_in_colour():
    looks = [(s.shape, s.glyph, s.fill) for key, s in palette.SYMBOLS.items() if key != "today"]
    assert len(set(looks)) == len(looks)
    fates = [palette.SYMBOLS[key] for key in ("kept", "merged", "built", "hospital", "sub_centre")]
    assert len({fate.shape for fate in fates}) == len(fates)


def test_text_stands_out():
    assert contrast(palette.INK, "#ffffff") > 10
    assert contrast(palette.MUTED, "#ffffff") > 4.5


def test_classes_meet_the_rule_that_the_limit_is_inside():
    minutes = np.array([0.0, 5.0, 5.001, 10.0, 15.0, 15.0017, 30.0, 60.0, 60.1, np.nan, np.nan])
    state = np.array(["value"] * 9 + ["beyond", "unreachable"], dtype=object)
    got = palette.classify(minutes, state, 15)
    assert got.tolist() == [1, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7]
    shades = palette.minute_classes(15)
    assert [shade.inside for shade in shades] == [True] * 3 + [False] * 4
