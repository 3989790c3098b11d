# Evaluates a host from a list of modules and returns what a test asks about: the messages of the failed assertions and
# what would stand in the [Service] section of each unit.
{
  nixpkgsLib,
  shipped,
  modules,
}:

let
  lib = import nixpkgsLib;

  inherit
    (lib.evalModules {
      modules = [
        ./host.nix
        (shipped + "/default.nix")
      ]
      ++ modules;
    })
    config
    ;
in
{
  failed = map (assertion: assertion.message) (
    lib.filter (assertion: !assertion.assertion) config.assertions
  );
  services = lib.mapAttrs (_: service: service.serviceConfig) config.systemd.services;
}
