# maidan.sandbox: each service runs in one of a few sandboxes, and every exception has a reason.
#
#   maidan.sandbox.units.web = {
#     profile = "loopback";
#     exceptions.MemoryDenyWriteExecute = { value = false; reason = "a JavaScript engine compiles at run time"; };
#     limits.MemoryMax = "1G";
#   };
#
# The profiles are in sandbox-profiles.nix; declared.nix says how they win over upstream settings, and fails the build
# when they do not. What a profile does not name stays as upstream has it: user, directories, commands.
#
# Commands with a "+" (ExecStartPre=+...: a start script that needs root) run outside user, capability, mount and
# system call restrictions, as systemd.service(5) says, so they keep working; address, device and memory limits hold for
# them too, because these belong to the unit's control group. An ExecStart= with a "+" would void the sandbox altogether
# and is refused.
{ config, lib, ... }:

let
  inherit (lib) types;

  profiles = import ./sandbox-profiles.nix;
  directiveNames = import ./sandbox-directives.nix;

  cfg = config.maidan.sandbox;

  exception = types.submodule {
    options = {
      value = lib.mkOption {
        description = ''
          The value instead of the profile's. A list replaces the whole list; the empty list leaves the directive out.
        '';
        type = types.oneOf [
          types.bool
          types.int
          types.str
          (types.listOf types.str)
        ];
        example = false;
      };

      reason = lib.mkOption {
        description = ''
          Why the unit cannot work with the profile's value. It is what an auditor reads, and must not be empty.
        '';
        type = types.str;
        example = "a JavaScript engine compiles at run time";
      };
    };
  };

  unitModule = types.submodule {
    options = {
      profile = lib.mkOption {
        description = ''
          The sandbox the unit runs in. All of them drop every privilege, hide devices, homes and other processes, keep
          the file system read-only but for the unit's own directories, and allow only common system calls. They differ
          in the network:

          - `socket`: none at all, only unix sockets;
          - `loopback`: this machine only, and addresses listed in {option}`maidan.egress.units`;
          - `internet`: may call out; {option}`maidan.egress.units` must say what;
          - `public`: answers anyone, on ports from 1024 up or on sockets handed over by systemd;
          - `privileged-port`: answers anyone, also on ports below 1024 (`CAP_NET_BIND_SERVICE`, the only capability).
        '';
        type = types.enum (lib.attrNames profiles);
        example = "loopback";
      };

      exceptions = lib.mkOption {
        description = ''
          Directives in which the unit departs from its profile, each with the reason. Addresses are not exceptions:
          see {option}`maidan.egress.units`.
        '';
        type = types.attrsOf exception;
        default = { };
        example = {
          MemoryDenyWriteExecute = {
            value = false;
            reason = "a JavaScript engine compiles at run time";
          };
        };
      };

      limits = lib.mkOption {
        description = ''
          What the unit may use at most, as directives of {manpage}`systemd.resource-control(5)` and the `Limit*=`
          family of {manpage}`systemd.exec(5)`.
        '';
        type = types.attrsOf (types.either types.int types.str);
        default = { };
        example = {
          MemoryHigh = "512M";
          MemoryMax = "1G";
          TasksMax = 256;
        };
      };
    };
  };

  directives =
    unit:
    lib.mapAttrs (_: lib.mkDefault) (
      removeAttrs profiles.${unit.profile} (lib.attrNames (unit.exceptions // unit.limits))
    )
    // lib.mapAttrs (_: { value, ... }: value) unit.exceptions
    // unit.limits;

  runsAsRoot =
    service:
    lib.elem (toString (service.User or "")) [
      ""
      "0"
      "root"
    ]
    && lib.elem (toString (service.DynamicUser or false)) [
      ""
      "0"
      "false"
      "no"
    ];

  nameAssertions =
    unit: kind: known: names:
    map (
      name:
      let
        similar = lib.filter (lib.strings.levenshteinAtMost 2 name) known;
      in
      {
        assertion = lib.elem name known;
        message =
          "maidan.sandbox.units.${unit}.${kind}.${name}: "
          + (
            if lib.hasPrefix "IPAddress" name then
              "addresses are declared in maidan.egress.units.${unit}."
            else
              "this is not a systemd directive that ${kind} can name."
              + lib.optionalString (similar != [ ]) " Did you mean ${lib.concatStringsSep " or " similar}?"
          );
      }
    ) names;

  unitAssertions =
    name: unit:
    let
      service = config.systemd.services.${name}.serviceConfig;
      commands = lib.toList (service.ExecStart or [ ]);
    in
    nameAssertions name "exceptions" directiveNames.exceptions (lib.attrNames unit.exceptions)
    ++ nameAssertions name "limits" directiveNames.limits (lib.attrNames unit.limits)
    ++ lib.mapAttrsToList (directive: exception: {
      assertion = lib.trim exception.reason != "";
      message = "maidan.sandbox.units.${name}.exceptions.${directive}.reason is empty: say why the unit needs it.";
    }) unit.exceptions
    ++ [
      {
        # systemd.service(5): the prefixes @ - : + ! | may be combined.
        assertion = lib.all (command: builtins.match "[-@:!|]*[+].*" (toString command) == null) commands;
        message = ''
          maidan: ${name}.service starts its program with "+", that is outside of any sandbox.
          Start it without, or do not list the unit in maidan.sandbox.units.
        '';
      }
      {
        assertion = commands == [ ] || !runsAsRoot service || unit.exceptions ? User;
        message = ''
          maidan: ${name}.service is in maidan.sandbox.units but runs as root.
          Give it a user, or, if it cannot do without, declare it:
            maidan.sandbox.units.${name}.exceptions.User = { value = "root"; reason = "..."; };
        '';
      }
    ];
in
{
  options.maidan.sandbox.units = lib.mkOption {
    description = ''
      The sandbox of each service, by the name of its systemd unit without `.service`.

      A directive that does not come out as declared fails the build: an upstream change must not weaken a host in
      silence.
    '';
    type = types.attrsOf unitModule;
    default = { };
    example = {
      web = {
        profile = "loopback";
        limits.MemoryMax = "1G";
      };
    };
  };

  config = {
    maidan.declaredServiceConfig = lib.mapAttrs (_: directives) cfg.units;

    assertions = lib.concatLists (lib.mapAttrsToList unitAssertions cfg.units);
  };
}
