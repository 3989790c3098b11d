# Takes any option that only the modules of agenix and disko read or set.
{ lib, ... }:

{
  freeformType = lib.types.lazyAttrsOf lib.types.anything;

  config = {
    _module.args = {
      modulesPath = "/nixpkgs/nixos/modules";
      pkgs = {
        inherit lib;
        age = "/age";
      };
    };
    networking.hostName = "host";
    users.users = { };
  };
}
