# Evaluates the hosts of a generated flake by their own flake.nix, under the module system of nixpkgs' lib.
#
# `tree` is the index as JSON (see option_tree.py), `upstream` what the modules of NixOS set for units, by host and unit,
# as JSON. `local` are modules as a steward would write them. With `agenix` and `disko`, the paths of checkouts, their own
# modules take part; else the options that the index has of them.
{
  nixpkgsLib,
  flake,
  tree,
  upstream,
  packages,
  nixpkgs,
  agenix ? null,
  disko ? null,
  local ? [ ],
}:

let
  lib = import nixpkgsLib // {
    nixosSystem =
      { modules, specialArgs }:
      lib.evalModules {
        specialArgs = specialArgs // {
          modulesPath = ./nixos;
        };
        modules = modules ++ surroundings ++ local;
      };
  };

  # What nixpkgs' runNixOSTest makes of a test, as far as ours have to do with it.
  framework = {
    options = {
      name = lib.mkOption { type = lib.types.str; };
      node = lib.mkOption { type = lib.types.raw; };
      nodes = lib.mkOption { type = lib.types.attrsOf lib.types.deferredModule; };
      testScript = lib.mkOption { type = lib.types.str; };
    };
  };

  machineOf =
    test: node:
    lib.nixosSystem {
      specialArgs = test.node.specialArgs;
      modules = [
        node
        ./virtual-machine.nix
      ];
    };

  surroundings = [
    {
      options = import ./options.nix {
        inherit lib;
        tree = lib.importJSON tree;
      };
    }
    (import ./surroundings.nix {
      inherit agenix disko;
      packages = import ./packages.nix packages;
      system = "x86_64-linux";
    })
    (
      { config, ... }:
      {
        systemd.services = lib.mapAttrs (_: serviceConfig: { inherit serviceConfig; }) (
          (lib.importJSON upstream).${config.networking.hostName}
        );
      }
    )
  ];

  inputs = {
    self = outputs // {
      rev = "0123456789abcdef";
    };
    nixpkgs = {
      inherit lib;
      outPath = nixpkgs;
    };
    agenix = {
      nixosModules.default = if agenix == null then { } else agenix + "/modules/age.nix";
      packages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: {
        default = "agenix";
      });
    };
    disko = {
      nixosModules.default = if disko == null then { } else disko + "/module.nix";
      packages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (_: {
        disko = "disko";
      });
    };
  };

  outputs = (import (flake + "/flake.nix")).outputs inputs;

  # Left out is what disko makes of its devices for its own scripts, and what only a whole NixOS has.
  isForced =
    option:
    option.isDefined
    && option.highestPrio < 1400
    && !lib.elem (lib.head option.loc) (
      [
        "_module"
        "nixpkgs"
      ]
      ++ lib.optional (disko != null) "disko"
    )
    &&
      lib.take 2 option.loc != [
        "system"
        "build"
      ];

  describe =
    nixos:
    let
      forced = lib.filter isForced (lib.collect lib.isOption nixos.options);
    in
    {
      failed = map (assertion: assertion.message) (
        lib.filter (assertion: !assertion.assertion) nixos.config.assertions
      );
      forced = map (option: builtins.deepSeq option.value (lib.showOption option.loc)) forced;
      services = lib.mapAttrs (_: service: service.serviceConfig) nixos.config.systemd.services;
      fileSystems = lib.mapAttrs (_: system: system.device) nixos.config.fileSystems;
      secrets = lib.mapAttrs (_: secret: toString secret.file) nixos.config.age.secrets;
      passwords = lib.mapAttrs (_: user: user.hashedPasswordFile) nixos.config.users.users;
      grub = nixos.config.boot.loader.grub.devices;
      encrypted = lib.attrNames nixos.config.boot.initrd.luks.devices;
      timeZone = nixos.config.time.timeZone;
      openPorts = nixos.config.networking.firewall.allowedTCPPorts;
    };

  describeTest =
    module:
    let
      test =
        (lib.evalModules {
          modules = [
            module
            framework
          ];
        }).config;
    in
    {
      inherit (test) name testScript;
      machines = lib.mapAttrs (_: node: describe (machineOf test node)) test.nodes;
    };
in
{
  hosts = lib.mapAttrs (_: describe) outputs.nixosConfigurations;
  tests = lib.mapAttrs (_: package: describeTest package.test) (
    removeAttrs outputs.packages.x86_64-linux [ "vm-tests" ]
  );
}
