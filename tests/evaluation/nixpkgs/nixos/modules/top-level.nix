# NixOS as far as it takes part: the options of the index, what its own modules set, and a derivation of the system that
# is there when every option that somebody set has a value and every assertion holds.
{
  config,
  lib,
  options,
  ...
}:

let
  failed = map (assertion: assertion.message) (
    lib.filter (assertion: !assertion.assertion) config.assertions
  );

  isForced =
    option:
    option.isDefined
    && option.highestPrio < 1400
    && !lib.elem (lib.head option.loc) [
      "_module"
      "age"
      "disko"
      "nixpkgs"
      "system"
    ];

  forced = map (option: builtins.deepSeq option.value null) (
    lib.filter isForced (lib.collect lib.isOption options)
  );
in
{
  imports = [
    (import ./surroundings.nix {
      # Their options come with the flake's own inputs.
      agenix = true;
      disko = true;
      packages = import ./packages.nix (lib.importJSON ./packages.json);
      system = "x86_64-linux";
    })
  ];

  options = import ./options.nix {
    inherit lib;
    tree = lib.importJSON ./options.json;
  };

  config = {
    systemd.services = lib.mapAttrs (_: serviceConfig: { inherit serviceConfig; }) (
      (lib.importJSON ./upstream.json).${config.networking.hostName} or { }
    );

    system.build.toplevel.drvPath =
      if failed != [ ] then
        throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
      else
        builtins.deepSeq forced "/nix/store/${config.networking.hostName}.drv";
  };
}
