# Starts one host in a virtual machine and asks it what a healthy host answers. Imported by tests/<host>.nix, which holds
# the facts; run by `nix build .#vm-test-<host>`.
#
# The machine is the host as it would be installed, but for what a virtual machine cannot have: its disk (disko's layout
# belongs to the real one), its secrets (each is replaced by a fixture, encrypted to a key made for the test), and the
# certificate authority (without the internet, certificates stay the self-signed ones that NixOS starts with).
{ config, lib, ... }:

let
  inherit (lib) mkOption types;

  cfg = config.smokeTest;

  ask = request: ''
    with subtest(${builtins.toJSON "https://${request.hostname}${request.path} answers ${toString request.status}"}):
        machine.wait_until_succeeds(${
          builtins.toJSON (
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
in
{
  options.smokeTest = {
    host = mkOption {
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

  config = {
    nodes.machine =
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

        fixture =
          name:
          pkgs.runCommand "${name}.age" { nativeBuildInputs = [ pkgs.age ]; } ''
            echo fixture | age --encrypt --recipients-file ${identity}/key.pub --output "$out"
          '';
      in
      {
        imports = [ cfg.host ];

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

          environment.systemPackages = [ pkgs.curl ];
          virtualisation = {
            cores = 2;
            memorySize = 4096;
          };
        };
      };

    testScript = ''
      machine.wait_for_unit("multi-user.target")
    ''
    + lib.concatMapStrings (unit: ''
      machine.wait_for_unit(${builtins.toJSON "${unit}.service"})
    '') cfg.units
    + lib.concatMapStrings ask cfg.requests
    + ''
      # No certificate authority answers here: the orders fail, all else has to work.
      machine.fail("systemctl --failed --plain --no-legend | grep --invert-match '^acme-order-renew-'")
    '';
  };
}
