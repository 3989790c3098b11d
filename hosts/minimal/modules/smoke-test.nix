# Starts hosts in virtual machines and asks them what a healthy host answers. Imported by tests/<name>.nix, which holds
# the facts; run by `nix build .#vm-test-<name>`.
#
# A machine is the host as it would be installed, but for what a virtual machine cannot have: its disk (disko's layout
# belongs to the real one), its secrets (each is replaced by a fixture, encrypted to a key made for the test), and the
# certificate authority (without the internet, certificates stay the self-signed ones that NixOS starts with).
#
# Several hosts are joined by their own private network. Its keys are made while the test runs, and each machine is told
# where the others are in the network of the test; all else about it is what the hosts declare.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;

  cfg = config.smokeTest;

  areJoined = lib.length (lib.attrNames cfg.hosts) > 1;

  python = builtins.toJSON;

  ask = host: request: ''
    with subtest(${python "${host}: https://${request.hostname}${request.path} answers ${toString request.status}"}):
        by_name[${python host}].wait_until_succeeds(${
          python (
            lib.escapeShellArgs [
              "curl"
              "--insecure"
              "--silent"
              "--max-time"
              "20"
              "--resolve"
              "${request.hostname}:443:127.0.0.1"
              "--output"
              "/tmp/body"
              "--write-out"
              "%{http_code}"
              "https://${request.hostname}${request.path}"
            ]
            + " | grep --quiet --line-regexp ${toString request.status}"
            + " && grep --quiet --fixed-strings -- ${lib.escapeShellArg request.contains} /tmp/body"
          )
        }, timeout=300)
  '';

  # Who calls whom is left to the firewalls: a machine that lets no caller in is the one that calls.
  join = ''
    with subtest("the hosts find one another in their private network"):
        interfaces: dict[str, str] = {}
        keys: dict[str, str] = {}
        endpoints: dict[str, str] = {}
        addresses: dict[str, str] = {}
        for name, each in by_name.items():
            each.wait_for_unit("systemd-networkd.service")
            file = each.succeed("sed --quiet s/^PrivateKeyFile=//p /etc/systemd/network/*.netdev").strip()
            each.succeed(f"wg genkey > {file}", "systemctl restart systemd-networkd.service")
            interface = each.wait_until_succeeds("wg show interfaces | grep .").strip()
            interfaces[name] = interface
            keys[name] = each.succeed(f"wg show {interface} public-key").strip()
            outside = each.wait_until_succeeds(
                "ip -4 -oneline address show dev eth1 | grep --only-matching 'inet [0-9.]*'"
            ).split()[1]
            port = each.succeed(f"wg show {interface} listen-port").strip()
            endpoints[name] = f"{outside}:{port}"
            addresses[name] = each.wait_until_succeeds(
                f"ip -6 -oneline address show dev {interface} | grep --only-matching 'inet6 [0-9a-f:]*'"
            ).split()[1]
        peers: list[tuple[str, str]] = []
        for name, each in by_name.items():
            routes = each.succeed("grep --no-filename ^Destination= /etc/systemd/network/*.network").splitlines()
            peers += [(name, peer) for peer in by_name if f"Destination={addresses[peer]}/128" in routes]
        for name, peer in peers:
            by_name[name].succeed(
                f"wg set {interfaces[name]} peer {keys[peer]} allowed-ips {addresses[peer]}/128"
                f" endpoint {endpoints[peer]} persistent-keepalive 1"
            )
        for name, peer in peers:
            by_name[name].wait_until_succeeds(
                f"wg show {interfaces[name]} latest-handshakes | grep --quiet '^{keys[peer]}.[1-9]'", timeout=120
            )
  '';

  # What waits behind a socket starts when somebody calls.
  check = host: facts: ''
    by_name[${python host}].wait_for_unit("multi-user.target")
    for unit in ${python facts.units}:
        is_missing, _ = by_name[${python host}].execute(f"systemctl cat {unit}.socket")
        by_name[${python host}].wait_for_unit(f"{unit}.{'service' if is_missing else 'socket'}")
  '';
in
{
  options.smokeTest.hosts = mkOption {
    description = "The hosts that are started, by name.";
    type = types.attrsOf (
      types.submodule {
        options = {
          module = mkOption {
            type = types.deferredModule;
            description = "The host, as a NixOS module.";
          };

          units = mkOption {
            type = types.listOf types.str;
            default = [ ];
            description = "Services that must be running, without `.service`.";
          };

          requests = mkOption {
            description = "HTTPS requests, and how a healthy host answers them.";
            default = [ ];
            type = types.listOf (
              types.submodule {
                options = {
                  hostname = mkOption {
                    type = types.str;
                    description = "The host name of the site.";
                  };
                  path = mkOption {
                    type = types.strMatching "/.*";
                    description = "The path, with its query.";
                  };
                  status = mkOption {
                    type = types.ints.between 100 599;
                    description = "The HTTP status of the answer.";
                  };
                  contains = mkOption {
                    type = types.str;
                    default = "";
                    description = "Text that must be in the body.";
                  };
                };
              }
            );
          };
        };
      }
    );
  };

  config = {
    nodes = lib.mapAttrs (
      _: facts:
      {
        config,
        lib,
        pkgs,
        ...
      }:
      let
        identity = pkgs.runCommand "test-identity" { nativeBuildInputs = [ pkgs.openssh ]; } ''
          mkdir "$out"
          ssh-keygen -q -t ed25519 -N "" -C test -f "$out/key"
        '';

        # One line that is a long word, and a file of passwords to those who read it as one: five fields.
        fixture =
          name:
          pkgs.runCommand "${name}.age" { nativeBuildInputs = [ pkgs.age ]; } ''
            echo '*:*:*:*:fixturefixturefixturefixturefixture' |
              age --encrypt --recipients-file ${identity}/key.pub --output "$out"
          '';
      in
      {
        imports = [ facts.module ];

        # The submodule of agenix merges this with what the host says of each secret.
        options.age.secrets = lib.mkOption {
          type = lib.types.attrsOf (
            lib.types.submodule (
              { name, ... }:
              {
                config.file = lib.mkOverride 10 (fixture name);
              }
            )
          );
        };

        config = {
          age.identityPaths = lib.mkForce [ "${identity}/key" ];

          disko.enableConfig = lib.mkForce false;
          boot.initrd.luks.devices = lib.mkForce { };

          environment.systemPackages = [ pkgs.curl ] ++ lib.optional areJoined pkgs.wireguard-tools;
          virtualisation = {
            cores = 2;
            memorySize = 4096;
          };
        };
      }
    ) cfg.hosts;

    testScript = ''
      start_all()
      by_name = {each.name: each for each in machines}
    ''
    + lib.optionalString areJoined join
    + lib.concatStrings (lib.mapAttrsToList check cfg.hosts)
    + lib.concatStrings (
      lib.mapAttrsToList (host: facts: lib.concatMapStrings (ask host) facts.requests) cfg.hosts
    )
    + ''
      for each in machines:
          # No certificate authority answers here: the orders fail, all else has to work.
          each.fail("systemctl --failed --plain --no-legend | grep --invert-match '^acme-order-renew-'")
    '';
  };
}
