"""Units, limits and requests: what systemd or HTTP would refuse is refused where the plugin says it."""

from __future__ import annotations

import pytest

from maidan_nix import api

LIMITS = api.Limits(memory_high="64M", memory_max="128M", tasks=8)


@pytest.mark.parametrize("name", ["wiki", "wiki@main", "order-a.example.org", "dev-disk\\x2d1", "a:b_c"])
def test_the_name_of_a_unit(name: str) -> None:
    assert api.Unit(name=name, limits=LIMITS).name == name


@pytest.mark.parametrize("name", ["", "a b", "wiki.service", "a/b", "a|b", "a\n", "a`b", "é", "a" * 300])
def test_what_is_no_name_of_a_unit(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a unit"):
        api.Unit(name=name, limits=LIMITS)


@pytest.mark.parametrize("memory", ["1048576", "512K", "512M", "2G", "1T", "25%"])
def test_an_amount_of_memory(memory: str) -> None:
    assert api.Limits(memory_high=memory, memory_max=memory, tasks=8).memory_max == memory


@pytest.mark.parametrize("memory", ["", "0", "512MB", "512 M", "512m", "-1M", "100%", "infinity", "1M\n", "a lot"])
def test_what_is_no_amount_of_memory(memory: str) -> None:
    with pytest.raises(ValueError, match="no size of memory"):
        api.Limits(memory_high="64M", memory_max=memory, tasks=8)
    with pytest.raises(ValueError, match="no size of memory"):
        api.Limits(memory_high=memory, memory_max="64M", tasks=8)


@pytest.mark.parametrize("cpu", ["50", "0%", "1.5%", "half"])
def test_what_is_no_share_of_a_processor(cpu: str) -> None:
    with pytest.raises(ValueError, match="no percentage of a core"):
        api.Limits(memory_high="64M", memory_max="128M", tasks=8, cpu=cpu)
    assert api.Limits(memory_high="64M", memory_max="128M", tasks=8, cpu="150%").cpu == "150%"


@pytest.mark.parametrize("path", ["", "status", "https://a.example.org/", "/a b", "/a\n", "/é"])
def test_a_request_has_the_path_of_a_url(path: str) -> None:
    with pytest.raises(ValueError, match="is not the path of a URL"):
        api.SmokeRequest(hostname="a.example.org", path=path, status=200)
    assert api.SmokeRequest(hostname="a.example.org", path="/a?b=%20", status=200).path == "/a?b=%20"


@pytest.mark.parametrize("status", [-1, 0, 99, 600, 10**30])
def test_a_request_expects_a_status_of_http(status: int) -> None:
    with pytest.raises(ValueError, match="is not a status of HTTP"):
        api.SmokeRequest(hostname="a.example.org", path="/", status=status)
