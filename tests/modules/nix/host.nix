# Stands in for the parts of NixOS that the modules read and write, so that they are evaluated by the real module system
# without a nixpkgs tree. Types and merging follow nixos/lib/systemd-unit-options.nix: lists are concatenated,
# everything else has to be equal, and a mix of both is an error.
{ lib, ... }:

let
  inherit (lib) mkOption types;

  unitOption = lib.mkOptionType {
    name = "systemd option";
    merge =
      loc: definitions:
      let
        values = lib.catAttrs "value" (lib.filterOverrides definitions);
      in
      if lib.all builtins.isList values then
        lib.concatLists values
      else if lib.any builtins.isList values then
        throw "${lib.showOption loc}: a mix of lists and other values"
      else
        lib.options.mergeEqualOption loc definitions;
  };

  service = types.submodule (
    { config, ... }:
    {
      options = {
        overrideStrategy = mkOption {
          type = types.enum [
            "asDropinIfExists"
            "asDropin"
          ];
          default = "asDropinIfExists";
        };
        preStart = mkOption {
          type = types.lines;
          default = "";
        };
        script = mkOption {
          type = types.lines;
          default = "";
        };
        serviceConfig = mkOption {
          type = types.attrsOf unitOption;
          default = { };
        };
      };
      config.serviceConfig = lib.mkMerge [
        (lib.mkIf (config.preStart != "") { ExecStartPre = [ "/pre-start" ]; })
        (lib.mkIf (config.script != "") { ExecStart = "/start"; })
      ];
    }
  );
in
{
  imports = [ ./firewall.nix ];

  options = {
    nixpkgs.pkgs = mkOption { type = types.unspecified; };
    services.userborn.enable = lib.mkEnableOption "userborn";
    system.build = mkOption { type = types.lazyAttrsOf types.unspecified; };
    system.configurationRevision = mkOption {
      type = types.nullOr types.str;
      default = null;
    };
    systemd.additionalUpstreamSystemUnits = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
    systemd.package = mkOption {
      type = types.str;
      default = "/nix/store/systemd";
    };
    systemd.sysusers.enable = lib.mkEnableOption "systemd-sysusers";
    systemd.services = mkOption {
      type = types.attrsOf service;
      default = { };
    };
  };
}
