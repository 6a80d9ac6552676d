"""The kernels' frame: compiled once for one signature, cached where that is possible."""

import pytest

from facilityplan.network import kernels


def test_every_kernel_is_compiled_for_one_signature_at_import():
    compiled = {name: value for name, value in vars(kernels).items() if hasattr(value, "signatures")}
    assert {"settle_all", "join_nearest", "times_within", "sort_by_origin", "nearest_segments"} <= set(compiled)
    assert {name: len(value.signatures) for name, value in compiled.items()} == dict.fromkeys(compiled, 1)


def test_nowhere_to_write_a_cache_still_compiles(monkeypatch):
    asked = []

    def njit(*signature, **options):
        asked.append(options.get("cache", False))
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'twice': no locator available for file 'x'")
        return lambda function: function

    monkeypatch.setattr(kernels, "njit", njit)
    assert kernels.compiled("int64(int64)")(lambda x: 2 * x)(21) == 42
    assert asked == [True, False]

    def broken(*signature, **options):
        raise RuntimeError("something else")

    monkeypatch.setattr(kernels, "njit", broken)
    with pytest.raises(RuntimeError, match="something else"):
        kernels.compiled("int64(int64)")(abs)
