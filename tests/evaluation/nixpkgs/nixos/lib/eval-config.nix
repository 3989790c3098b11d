# A system, as nixos/lib/eval-config.nix of nixpkgs makes it of its modules.
{
  system ? null,
  pkgs ? null,
  lib ? import ../../lib,
  modules,
  specialArgs ? { },
}:
lib.evalModules {
  modules =
    import ../modules/module-list.nix
    ++ [ { _module.args.pkgs = lib.mkIf (pkgs != null) (lib.mkForce pkgs); } ]
    ++ modules;
  specialArgs = {
    modulesPath = toString ../modules;
  }
  // specialArgs;
}
