"""What one host has otherwise than the community: ``[hosts.NAME.platform.NAME]``, ``[hosts.NAME.hardening.NAME]``."""

from __future__ import annotations

import pytest

from commands.runner import TWO_HOSTS
from maidan_nix.editing.judgement import problems_of_settings
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document
from maidan_nix.manifest.own_paths import own_paths, shared_tables
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
    everywhere = "[hardening.firewall]\nping = true\n"
    made = generated(everywhere, "[hosts.west.hardening.firewall]\nping = false\n")
    assert "allowPing = true;" in file(made, "east", "hardening/firewall")
    assert "allowPing = false;" in file(made, "west", "hardening/firewall")


def test_a_setting_of_a_plugin_that_a_host_does_not_have_is_refused() -> None:
    generated('[hosts.east.platform.postgresql]\nshared_memory = "2G"\n')
    (problem,) = refused('[hosts.west.platform.postgresql]\nshared_memory = "2G"\n')
    assert dotted(problem.path) == "hosts.west.platform.postgresql"
    assert problem.message == "west has no platform/postgresql, so this would do nothing"


def test_the_files_of_hosts_that_say_nothing_stay() -> None:
    made = generated("[hosts.west.hardening.firewall]\nping = false\n")
    assert "allowPing = false;" in file(made, "west", "hardening/firewall")
    assert file(made, "east", "hardening/firewall") == file(generated(), "east", "hardening/firewall")


def test_a_comment_cites_the_place_of_the_value() -> None:
    made = generated("[hosts.west.hardening.firewall]\nping = false\n")
    assert "# hosts.west.hardening.firewall.ping" in file(made, "west", "hardening/firewall")
    assert "# hardening.firewall.ping" in file(made, "east", "hardening/firewall")


def test_a_comment_cites_the_place_of_each_part_of_a_table_in_both_places() -> None:
    everywhere = """[platform.nginx.acme]
challenge = "dns-01"
dns_provider = "ovh"
dns_credentials = ["OVH_TOKEN"]
"""
    made = generated(everywhere, "[hosts.east.platform.nginx.acme]\nstaging = false\n")
    text = file(made, "east", "platform/nginx")
    assert "# hosts.east.platform.nginx.acme.staging" in text
    assert "# platform.nginx.acme.dns_provider" in text
    context = made.plan.hosts["east"]["platform/nginx"].context
    assert context.cite("acme") == "platform.nginx.acme, hosts.east.platform.nginx.acme"
    assert context.cite() == "platform.nginx, hosts.east.platform.nginx"


def test_a_table_that_only_a_host_has_is_cited_there() -> None:
    made = generated("[hosts.east.platform.nginx.acme]\nstaging = false\n")
    context = made.plan.hosts["east"]["platform/nginx"].context
    assert context.cite("acme") == "hosts.east.platform.nginx.acme"
    assert context.cite("acme.dns_provider") == "platform.nginx.acme.dns_provider"
    assert context.cite("tls") == "platform.nginx.tls"


def test_a_table_of_which_a_host_has_every_setting_otherwise_is_its_own() -> None:
    own = {"acme": {"staging": False, "names": ["a"]}, "tls": "modern"}
    community = {"acme": {"staging": True}}
    assert own_paths(own) == {"", "acme", "acme.staging", "acme.names", "tls"}
    assert shared_tables(own, community) == frozenset()
    assert shared_tables(own, {"acme": {"email": "x"}}) == {"", "acme"}
    assert shared_tables(own, {"acme": {"staging": True}, "hsts": {"a": 1}}) == {""}
    assert shared_tables({}, community) == frozenset()


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


EVERY_HOST = "".join(f'[hosts.{host}.platform.postgresql]\nshared_memory = "1G"\n' for host in ("east", "west"))


@pytest.mark.parametrize(
    ("everywhere", "path"),
    [
        ("[platform.postgresql]\nshared_memory = 1\n", "platform.postgresql.shared_memory"),
        ("[platform.postgresql]\nshard = 1\n", "platform.postgresql.shard"),
        ('[platform.postgresql.reasons]\nshard = "there is no such setting"\n', "platform.postgresql.reasons.shard"),
        ('[plugins.providers]\ndatabase = "platform/postgre"\n', "plugins.providers.database"),
    ],
)
def test_what_is_wrong_is_wrong_though_every_host_has_its_own(everywhere: str, path: str) -> None:
    # An edit, which looks at the settings alone, finds just what generating finds.
    problems = refused(everywhere, EVERY_HOST)
    assert path in [dotted(problem.path) for problem in problems]
    document = parse_document(f"{TWO_HOSTS}{everywhere}{EVERY_HOST}".encode(), "community.toml")
    assert set(problems_of_settings(document.values)) == set(problems)


@pytest.mark.parametrize(
    ("everywhere", "of_each"),
    [
        ("[hardening.kernel]\nrare_modules = true\n",
         '[hosts.{host}.hardening.kernel.reasons]\nrare_modules = "an old camera is read over firewire"\n'),
        ('[hardening.kernel.reasons]\nrare_modules = "an old camera is read over firewire"\n',
         "[hosts.{host}.hardening.kernel]\nrare_modules = true\n"),
    ],
)  # fmt: skip
def test_what_every_host_completes_is_not_missing(everywhere: str, of_each: str) -> None:
    text = "".join((TWO_HOSTS, everywhere, *(of_each.format(host=host) for host in ("east", "west"))))
    document = parse_document(text.encode(), "community.toml")
    assert problems_of_settings(document.values) == []
    assert generate(document, lock=None, public=None).tree


def test_a_loosened_setting_of_a_host_needs_its_reason_there() -> None:
    loose = "[hosts.west.hardening.kernel]\nrare_modules = true\n"
    (problem,) = refused(loose)
    assert dotted(problem.path) == "hosts.west.hardening.kernel.rare_modules"
    assert problem.expected == "a reason at hosts.west.hardening.kernel.reasons.rare_modules"
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
