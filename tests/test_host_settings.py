"""What one host has otherwise than the community: ``[hosts.NAME.platform.NAME]``, ``[hosts.NAME.hardening.NAME]``."""

from __future__ import annotations

import pytest

from commands.runner import TWO_HOSTS
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document
from maidan_nix.problems import MaidanError, Problem, dotted


def generated(*parts: str) -> Generated:
    return generate(parse_document("".join((TWO_HOSTS, *parts)).encode(), "community.toml"), lock=None, public=None)


def refused(*parts: str) -> tuple[Problem, ...]:
    with pytest.raises(MaidanError) as caught:
        generated(*parts)
    return caught.value.problems


def file(made: Generated, host: str, plugin: str) -> str:
    return made.tree[f"hosts/{host}/{plugin}.nix"].content.decode()


def test_a_setting_of_a_host_holds_there_alone() -> None:
    made = generated('[hosts.east.platform.postgresql]\nshared_memory = "2G"\n')
    assert 'shared_buffers = "2048MB"' in file(made, "east", "platform/postgresql")
    made = generated(
        '[platform.postgresql]\nshared_memory = "1G"\n[hosts.west.platform.postgresql]\nshared_memory = "2G"\n'
    )
    assert 'shared_buffers = "1024MB"' in file(made, "east", "platform/postgresql")


def test_the_files_of_hosts_that_say_nothing_stay() -> None:
    made = generated("[hosts.west.hardening.firewall]\nping = false\n")
    assert "allowPing = false;" in file(made, "west", "hardening/firewall")
    assert file(made, "east", "hardening/firewall") == file(generated(), "east", "hardening/firewall")


def test_a_comment_cites_the_place_of_the_value() -> None:
    made = generated("[hosts.west.hardening.firewall]\nping = false\n")
    assert "# hosts.west.hardening.firewall.ping" in file(made, "west", "hardening/firewall")
    assert "# hardening.firewall.ping" in file(made, "east", "hardening/firewall")


def test_tables_of_both_places_are_merged() -> None:
    everywhere = '[platform.nginx.acme]\nchallenge = "dns-01"\ndns_provider = "ovh"\n'
    credentials = "[hosts.east.platform.nginx.acme]\nstaging = false\n"
    (problem, *_) = refused(everywhere, credentials)
    assert problem.path == ("platform", "nginx", "acme", "dns_credentials")


@pytest.mark.parametrize(
    ("parts", "path", "said"),
    [
        ("[hosts.west.platform.postgresql]\nshared_memory = 1\n", "hosts.west.platform.postgresql.shared_memory", ""),
        ("[hosts.west.platform.postgresql]\nshard = 1\n", "hosts.west.platform.postgresql.shard", "unknown setting"),
        ("[hosts.west.platform.postgre]\n", "hosts.west.platform.postgre", "no plugin is named platform/postgre"),
        ("[hosts.west]\nplatform = 1\n", "hosts.west.platform", "this is an integer"),
        ("[hosts.west.platform]\nboot = 1\n", "hosts.west.platform.boot", "this is an integer"),
        ("[hosts.west.services.vaultwarden]\n", "hosts.west.services", "unknown setting"),
        ("[platform.postgresql]\nshared_memory = 1\n[hosts.west.platform.postgresql]\n",
         "platform.postgresql.shared_memory", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_placed_where_it_was_written(parts: str, path: str, said: str) -> None:
    # A second header of one table is no TOML: what is added to a host goes where the host is.
    table = TWO_HOSTS.replace("[hosts.west]\n", parts) if parts.startswith("[hosts.west]\n") else TWO_HOSTS + parts
    with pytest.raises(MaidanError) as caught:
        generate(parse_document(table.encode(), "community.toml"), lock=None, public=None)
    places = [dotted(problem.path) for problem in caught.value.problems]
    assert path in places
    assert any(said in problem.message for problem in caught.value.problems)


def test_a_loosened_setting_of_a_host_needs_its_reason_there() -> None:
    loose = "[hosts.west.hardening.kernel]\nrare_modules = true\n"
    (problem,) = refused(loose)
    assert dotted(problem.path) == "hosts.west.hardening.kernel.rare_modules"
    reason = "an old camera is read over firewire here"
    made = generated(loose, f'[hosts.west.hardening.kernel.reasons]\nrare_modules = "{reason}"\n')
    assert [(dotted(one.path), one.reason) for one in made.loosened] == [
        ("hosts.west.hardening.kernel.rare_modules", reason)
    ]


def test_a_hardening_section_of_a_host_turns_its_plugin_on_there() -> None:
    disabled = '[plugins.disable]\n"hardening/kernel" = "the machines are containers of a provider"\n'
    (problem,) = refused(disabled, "[hosts.west.hardening.kernel]\n")
    assert problem.path == ("hosts", "west", "hardening", "kernel")
    assert "is disabled" in problem.message


def test_served_by_must_name_another_host() -> None:
    table = TWO_HOSTS.replace(
        "[hosts.west]\n", '[hosts.west]\nserved_by = { site = "west", database = "eest", x = "east" }\n'
    )
    with pytest.raises(MaidanError) as caught:
        generate(parse_document(table.encode(), "community.toml"), lock=None, public=None)
    said = {dotted(problem.path): problem for problem in caught.value.problems}
    assert said["hosts.west.served_by.site"].hint == "remove this line"
    assert said["hosts.west.served_by.database"].hint == "did you mean 'east'?"


def test_a_host_that_serves_is_not_served_itself() -> None:
    third = (
        "[hosts.north]\nserved_by.database = 'east'\ndisk.device = '/dev/disk/by-id/north'\nnetwork.interface = 'a'\n"
    )
    table = TWO_HOSTS.replace("[hosts.east]\n", "[hosts.east]\nserved_by.database = 'west'\n") + third
    with pytest.raises(MaidanError) as caught:
        generate(parse_document(table.encode(), "community.toml"), lock=None, public=None)
    (problem,) = caught.value.problems
    assert (dotted(problem.path), problem.hint) == ("hosts.north.served_by.database", "write 'west' here")
