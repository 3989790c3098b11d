# What NixOS itself does: what our modules, agenix and disko read of it, and what its modules define of the options that
# our plugins set, with their priorities, so that a second plain definition shows as the conflict that it is. From
# nixos/modules of Swarsel/nixpkgs@4aa6836a.
{
  agenix,
  disko,
  packages,
  system,
}:
{ config, lib, ... }:

let
  # Stronger than the values that options.nix makes up (1500), weaker than any definition of NixOS or of ours.
  default = lib.mkOverride 1400;
in
{
  options = {
    # nixos/lib/systemd-lib.nix: a script becomes the program of its unit.
    systemd.services = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (
          { config, name, ... }:
          {
            config.overrideStrategy = default "asDropinIfExists";
            config.serviceConfig = lib.mkIf (config.script != "") {
              ExecStart = "/nix/store/unit-script-${name}-start";
            };
          }
        )
      );
    };

    # Not in the index, which has some of its members.
    system.build = lib.mkOption {
      type = lib.types.lazyAttrsOf lib.types.raw;
      default = { };
    };

    # nixos/modules/config/sysctl.nix: even equal values of two modules are a conflict.
    boot.kernel.sysctl = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.unique { message = "A parameter of the kernel has one owner."; } (
          lib.types.nullOr (
            lib.types.oneOf [
              lib.types.bool
              lib.types.int
              lib.types.str
            ]
          )
        )
      );
    };
  }
  // lib.optionalAttrs (agenix == null) {
    age.secrets = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }:
          {
            config.path = default "/run/agenix/${name}";
          }
        )
      );
    };
  };

  config = {
    _module.args.pkgs = packages // {
      inherit lib system;
    };

    boot.kernel.sysctl = {
      "fs.inotify.max_user_instances" = lib.mkDefault 524288;
      "fs.inotify.max_user_watches" = lib.mkDefault 524288;
      "kernel.kexec_load_disabled" = lib.mkDefault true;
      "kernel.kptr_restrict" = lib.mkDefault 1;
      "net.ipv4.ping_group_range" = lib.mkDefault "0 2147483647";
      "net.ipv6.conf.all.disable_ipv6" = lib.mkDefault false;
      "net.ipv6.conf.default.disable_ipv6" = lib.mkDefault false;
      "net.ipv6.conf.default.use_tempaddr" = "2";
      "vm.max_map_count" = lib.mkDefault 1048576;
      "vm.overcommit_memory" = "1";
    };

    networking = {
      dhcpcd.enable = lib.mkDefault false;
      firewall = {
        enable = default true;
        allowedTCPPorts = lib.optionals config.services.openssh.openFirewall config.services.openssh.ports;
        trustedInterfaces = [ "lo" ];
      };
      resolvconf.enable = false;
    };

    nix.settings = {
      system-features = [ "kvm" ];
      trusted-users = [ "root" ];
    };

    services = {
      logrotate.settings.nginx = lib.mapAttrs (_: lib.mkDefault) {
        compress = true;
        delaycompress = true;
        files = [ "/var/log/nginx/*.log" ];
        frequency = "weekly";
        rotate = 26;
        su = "nginx nginx";
      };
      matrix-synapse = {
        log.root.level = lib.mkDefault "INFO";
        settings.instance_map.main = lib.mkDefault { path = "/run/matrix-synapse/main_replication.sock"; };
      };
      openssh = {
        authorizedKeysFiles = [ "/etc/ssh/authorized_keys.d/%u" ];
        # The default of the option, which the index does not know.
        openFirewall = default true;
      };
      postgresql = lib.mkIf config.services.postgresql.enable {
        authentication = lib.mkMerge [
          (lib.mkBefore "# Generated file; do not edit!")
          (lib.mkAfter "host all all 127.0.0.1/32 md5")
        ];
        dataDir = lib.mkDefault "/var/lib/postgresql/17";
        identMap = lib.mkAfter "postgres postgres postgres";
        package = lib.mkDefault packages.coreutils;
        settings = {
          hba_file = "/nix/store/pg_hba.conf";
          ident_file = "/nix/store/pg_ident.conf";
          jit = lib.mkDefault "off";
          listen_addresses = "localhost";
          log_destination = "stderr";
        };
      };
      timesyncd.enable = default true;
    };

    systemd.network.enable = true;

    users.users.root = {
      description = "System administrator";
      group = "root";
      home = "/root";
      shell = lib.mkDefault "/run/current-system/sw/bin/bash";
      uid = 0;
    };
  };
}
