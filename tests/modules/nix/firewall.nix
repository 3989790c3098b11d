# Stands in for NixOS' firewall with what modules/inbound.nix reads and sets. Types follow
# nixos/modules/services/networking/{firewall,firewall-nftables,nftables}.nix.
{ lib, ... }:

let
  inherit (lib) mkOption types;

  list =
    type:
    mkOption {
      type = types.listOf type;
      default = [ ];
    };

  ports = {
    allowedTCPPorts = list types.port;
    allowedUDPPorts = list types.port;
    allowedTCPPortRanges = list (types.attrsOf types.port);
    allowedUDPPortRanges = list (types.attrsOf types.port);
  };
in
{
  options = {
    assertions = list types.unspecified;
    networking.nftables.enable = mkOption {
      type = types.bool;
      default = true;
    };
    networking.firewall = ports // {
      enable = mkOption {
        type = types.bool;
        default = true;
      };
      extraInputRules = mkOption {
        type = types.lines;
        default = "";
      };
      interfaces = mkOption {
        type = types.attrsOf (types.submodule { options = ports; });
        default = { };
      };
      trustedInterfaces = list types.str;
    };
  };
}
