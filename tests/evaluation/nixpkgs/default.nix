# Stands in for the packages of nixpkgs: those that generated files name.
{
  system,
  config,
  overlays,
}:
import ./nixos/modules/packages.nix (
  builtins.fromJSON (builtins.readFile ./nixos/modules/packages.json)
)
// {
  inherit config overlays system;
  runCommand = name: environment: script: { inherit name environment script; };
}
