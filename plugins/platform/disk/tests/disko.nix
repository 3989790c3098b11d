# What disko makes of a layout: the options it sets in NixOS, and the script that partitions the disk.
{
  disko,
  nixpkgsLib,
  devices,
}:

let
  lib = import nixpkgsLib;

  # Its virtual-machine tests are not wanted here, and what they would take from nixpkgs is not there.
  diskoLib = import (disko + "/lib") {
    inherit lib;
    rootMountPoint = "/mnt";
    makeTest = null;
    eval-config = null;
    qemu-common = null;
  };

  layout =
    (lib.evalModules {
      modules = [
        {
          options.devices = lib.mkOption { type = diskoLib.toplevel; };
          config = {
            inherit devices;
            _module.args = { inherit diskoLib; };
          };
        }
      ];
    }).config.devices;

  # disko hands over merged definitions; the module system puts them together as NixOS does.
  nixos =
    (lib.evalModules {
      modules = [
        {
          options = {
            fileSystems = lib.mkOption { type = lib.types.attrsOf lib.types.anything; };
            swapDevices = lib.mkOption {
              type = lib.types.listOf lib.types.anything;
              default = [ ];
            };
            boot = lib.mkOption { type = lib.types.attrsOf lib.types.anything; };
          };
        }
        { config = layout._config; }
      ];
    }).config;
in
{
  inherit (nixos) fileSystems swapDevices boot;
  script = layout._create;
}
