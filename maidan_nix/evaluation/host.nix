# Evaluates one host of a generated flake with a nixpkgs at hand: by the flake's own outputs, but with inputs that are
# paths on this machine. Gives the path of the system's derivation; nothing is built.
{
  # The flake, nixpkgs, and the sources of its other inputs where they are at hand: paths.
  flake,
  nixpkgs,
  agenix ? null,
  disko ? null,
  host,
}:

let
  lib = import (nixpkgs + "/lib");

  # As the flake of nixpkgs has it: since 22.11 the platform is the package set's, and before it had to be given.
  nixosSystem =
    arguments:
    import (nixpkgs + "/nixos/lib/eval-config.nix") (
      {
        system = if lib.versionAtLeast lib.trivial.release "22.11" then null else "x86_64-linux";
      }
      // arguments
    );

  nothing = throw "Only hosts are evaluated here, no packages of this input.";

  inputs = {
    self = outputs // {
      outPath = flake;
    };
    nixpkgs = {
      outPath = nixpkgs;
      lib = lib // {
        inherit nixosSystem;
      };
    };
    agenix = {
      nixosModules.default = if agenix == null then ./agenix.nix else agenix + "/modules/age.nix";
      packages = nothing;
    };
    disko = {
      nixosModules.default = if disko == null then ./disko.nix else disko + "/module.nix";
      packages = nothing;
    };
  };

  outputs = (import (flake + "/flake.nix")).outputs inputs;
in
builtins.unsafeDiscardStringContext
  outputs.nixosConfigurations.${host}.config.system.build.toplevel.drvPath
