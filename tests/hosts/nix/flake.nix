# The outputs of a generated flake with stand-in inputs, for any Nix: only their names, and what a host is made of.
flake:

let
  lib = import ./lib.nix;

  systems = [
    "x86_64-linux"
    "aarch64-linux"
  ];

  description = import (flake + "/flake.nix");

  inputs = {
    self = outputs // {
      rev = "0123456789abcdef";
    };
    nixpkgs = {
      inherit lib;
      outPath = ../../modules/nix/nixpkgs;
    };
    agenix = {
      nixosModules.default = "agenix";
      packages = lib.genAttrs systems (_: {
        default = "agenix";
      });
    };
    disko = {
      nixosModules.default = "disko";
      packages = lib.genAttrs systems (_: {
        disko = "disko";
      });
    };
  };

  outputs = description.outputs inputs;

  names = builtins.mapAttrs (_: builtins.attrNames);
in
{
  inherit (description) inputs;
  unexpected = removeAttrs description [
    "description"
    "inputs"
    "outputs"
  ];
  hosts = builtins.mapAttrs (
    _: host: map toString (builtins.head host.modules).imports
  ) outputs.nixosConfigurations;
  checks = builtins.mapAttrs (_: builtins.mapAttrs (_: check: check.name)) outputs.checks;
  packages = names outputs.packages;
  devShells = names outputs.devShells;
  formatter = builtins.attrNames outputs.formatter;
  excluded = builtins.mapAttrs (_: one: one.arguments.settings.excludes) outputs.formatter;
}
