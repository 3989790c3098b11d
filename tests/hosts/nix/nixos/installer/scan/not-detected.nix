# Stands in for the file of nixpkgs of this name.
{ lib, ... }:

{
  hardware.enableRedistributableFirmware = lib.mkDefault true;
}
