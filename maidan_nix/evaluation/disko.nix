# Stands in for disko where its source is not at hand: it takes any layout of disks, and gives the host a root file
# system and a disk to boot from, as every layout does.
{ lib, ... }:

{
  options.disko = lib.mkOption {
    type = lib.types.attrsOf lib.types.unspecified;
    default = { };
  };

  config = {
    boot.loader.grub.devices = lib.mkDefault [ "/dev/disk/by-label/stand-in" ];
    fileSystems."/" = lib.mapAttrs (_: lib.mkDefault) {
      device = "/dev/disk/by-label/stand-in";
      fsType = "ext4";
    };
  };
}
