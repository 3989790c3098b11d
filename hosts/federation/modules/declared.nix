# The one place that writes declared directives into systemd units, and that makes sure they hold.
#
# maidan.sandbox and maidan.egress both have a say in a unit. They meet in one internal option with one definition per
# directive, which is written into systemd.services.<unit>.serviceConfig at priority 90:
#
#   - stronger than the plain definitions (100) of the module that defines the unit. At lib.mkDefault hardening would
#     lose to them without a word;
#   - weaker than lib.mkForce (50), so that a steward has the last word. That word is noticed: the assertions below
#     compare what became of each directive with what was declared;
#   - alone at its priority, so that a list replaces the upstream list and is never appended to it. For
#     SystemCallFilter= the sign of the first entry decides what the whole list means.
{ config, lib, ... }:

let
  inherit (lib) types;

  directiveNames = import ./sandbox-directives.nix;

  cfg = config.maidan.declaredServiceConfig;

  show = lib.generators.toPretty { multiline = false; };

  effective = unit: config.systemd.services.${unit}.serviceConfig;

  # A unit that only we speak of starts nothing: most likely a misspelt name, and an unconfined program beside it.
  # "asDropin" is how NixOS says that a package brings the unit file, in which case ExecStart= is out of sight.
  exists =
    unit:
    (effective unit).ExecStart or [ ] != [ ]
    || config.systemd.services.${unit}.overrideStrategy == "asDropin"
    || lib.elem "${unit}.service" config.systemd.additionalUpstreamSystemUnits;

  similar =
    unit:
    let
      names = lib.filter (name: !(cfg ? ${name}) && lib.strings.levenshteinAtMost 2 unit name) (
        lib.attrNames config.systemd.services
      );
    in
    lib.optionalString (names != [ ]) " Did you mean ${lib.concatStringsSep " or " names}?";

  wayOut =
    unit: directive: actual:
    if lib.elem directive directiveNames.limits then
      "maidan.sandbox.units.${unit}.limits.${directive} = ${show actual};"
    else if lib.hasPrefix "IPAddress" directive then
      "maidan.egress.units.${unit} = { class = \"...\"; addresses = [ ... ]; reason = \"...\"; };"
    else
      "maidan.sandbox.units.${unit}.exceptions.${directive} = { value = ${show actual}; reason = \"...\"; };";

  existenceAssertion = unit: {
    assertion = exists unit;
    message = ''
      maidan: nothing defines ${unit}.service, so there is nothing to confine.${similar unit}
      If a package brings the unit file, say so: systemd.services.${unit}.overrideStrategy = "asDropin";
    '';
  };

  directiveAssertion =
    unit: directive: declared:
    let
      actual = (effective unit).${directive} or null;
    in
    {
      assertion = actual == declared;
      message = ''
        maidan: ${unit}.service would run with ${directive} = ${show actual}, declared is ${show declared}.
        Another definition of systemd.services.${unit}.serviceConfig.${directive} is stronger than the declaration.
        Remove it, or, if the unit needs it, declare it:
          ${wayOut unit directive actual}
      '';
    };
in
{
  options.maidan.declaredServiceConfig = lib.mkOption {
    internal = true;
    description = ''
      Directives that must hold in the `[Service]` section of a unit, by unit and directive. Written by
      {option}`maidan.sandbox.units` and {option}`maidan.egress.units`.
    '';
    type = types.attrsOf (
      types.attrsOf (
        types.unique { message = "A directive of a unit has one owner."; } (
          types.oneOf [
            types.bool
            types.int
            types.str
            (types.listOf types.str)
          ]
        )
      )
    );
    default = { };
    example = {
      web.ProtectHome = true;
    };
  };

  config = {
    systemd.services = lib.mapAttrs (_: directives: {
      serviceConfig = lib.mapAttrs (_: lib.mkOverride 90) directives;
    }) cfg;

    # A name that does not exist is the only thing to say about its unit: its directives are trivially in force.
    assertions = lib.concatLists (
      lib.mapAttrsToList (
        unit: directives:
        [ (existenceAssertion unit) ]
        ++ lib.optionals (exists unit) (lib.mapAttrsToList (directiveAssertion unit) directives)
      ) cfg
    );
  };
}
