# Evaluates outputs.nix with stand-in inputs: two hosts of different systems, one VM test. With `agenix` and `disko`,
# the paths of checkouts, their own modules take part.
{
  nixpkgsLib,
  shipped,
  journal,
  self ? {
    rev = "0123456789abcdef";
  },
  agenix ? null,
  disko ? null,
}:

let
  lib = import nixpkgsLib // {
    nixosSystem =
      { modules, specialArgs }:
      lib.evalModules {
        inherit specialArgs;
        modules = modules ++ [
          ./host.nix
          ./surroundings.nix
          { system.build.toplevel.drvPath = "/nix/store/host.drv"; }
        ];
      };
  };

  declares = name: {
    options.inputs.${name} = lib.mkOption {
      type = lib.types.bool;
      default = true;
    };
  };

  inputs = {
    self = self // outputs;
    nixpkgs = {
      inherit lib;
      outPath = ./nixpkgs;
    };
    extra.nixosModules.default = declares "extra";
    agenix = {
      nixosModules.default = if agenix == null then declares "agenix" else agenix + "/modules/age.nix";
      packages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: {
        default = "agenix";
      });
    };
    disko = {
      nixosModules.default = if disko == null then declares "disko" else disko + "/module.nix";
      packages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: {
        disko = "disko";
      });
    };
  };

  host =
    { inputs, ... }:
    {
      systemd.services.web.script = "exec web";
      systemd.services.web.serviceConfig.User = "web";
      maidan.sandbox.units.web.profile = "loopback";
      # As a steward would use an input of their own.
      imports = [
        inputs.extra.nixosModules.default
      ]
      ++ lib.optional (agenix != null) {
        age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
        age.secrets.web.file = ./host.nix;
      }
      ++ lib.optional (disko != null) {
        disko.devices.disk.main = {
          device = "/dev/disk/by-id/main";
          content = {
            type = "gpt";
            partitions.root = {
              size = "100%";
              content = {
                type = "filesystem";
                format = "ext4";
                mountpoint = "/";
              };
            };
          };
        };
      };
    };

  outputs = import (shipped + "/outputs.nix") {
    inherit inputs journal;
    hosts = {
      large = {
        system = "x86_64-linux";
        module = host;
      };
      small = {
        system = "aarch64-linux";
        module = host;
      };
    };
    unfree = [ "mongodb" ];
    tests.web = ./host.nix;
  };

  test = outputs.packages.x86_64-linux.vm-test-web.test;
  package = name: { pname = name; };
in
{
  hosts = lib.mapAttrs (_: nixos: {
    inherit (nixos.config) inputs;
    inherit (nixos.config.nixpkgs.pkgs) system;
    inherit (nixos.config.system) configurationRevision;
    secret = nixos.config.age.secrets.web.path or null;
    root = nixos.config.fileSystems."/".device or null;
    failed = lib.filter (assertion: !assertion.assertion) nixos.config.assertions;
    protectHome = nixos.config.systemd.services.web.serviceConfig.ProtectHome;
    allowed = map nixos.config.nixpkgs.pkgs.config.allowUnfreePredicate [
      (package "mongodb")
      (package "unrar")
    ];
  }) outputs.nixosConfigurations;
  inherit (outputs) checks devShells formatter;
  packages = lib.mapAttrs (_: lib.attrNames) outputs.packages;
  test = {
    name = test.name.content;
    hosts = lib.attrNames test._module.args.hosts;
    hasInputs = test.node.specialArgs ? inputs;
  };
}
