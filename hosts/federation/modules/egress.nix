# maidan.egress: nobody reaches out undeclared.
#
#   maidan.egress.units.web = {
#     class = "internet";
#     addresses = [ "10.1.2.3" ];
#     reason = "fetches previews of linked pages";
#   };
#
# It sets IPAddressDeny= and IPAddressAllow= of the unit (systemd.resource-control(5)): the kernel drops any packet of
# the unit's processes from or to another address, whatever the program, a library or an intruder tries. An address in
# IPAddressAllow= is allowed even if it is in IPAddressDeny=, so "the internet without private ranges" is written as
# denying the ranges, not as allowing the rest.
#
# The filter knows addresses, not directions: it also drops callers from denied addresses. And it does not know names:
# a name server anywhere but on this machine would have to be listed, so let systemd-resolved ask for everybody.
{ config, lib, ... }:

let
  inherit (lib) types;

  cfg = config.maidan.egress;
  sandbox = config.maidan.sandbox;

  ranges = import ./egress-ranges.nix;

  # Which declarations keep the promise of a sandbox profile.
  classesOf = {
    socket = [ "none" ];
    loopback = [
      "none"
      "listed"
    ];
    internet = classes;
    public = classes;
    privileged-port = classes;
  };

  classes = [
    "none"
    "listed"
    "internet"
  ];

  # Numeric on purpose: systemd's "any" and a prefix of length 0 would undo the filter.
  address =
    types.strMatching "([0-9]{1,3}[.]){3}[0-9]{1,3}(/[1-9][0-9]?)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(/[1-9][0-9]{0,2})?"
    // {
      description = "IPv4 or IPv6 address, with or without a prefix length";
    };

  unitModule = types.submodule {
    options = {
      class = lib.mkOption {
        description = ''
          Whom the unit may exchange packets with. This machine and {option}`addresses` are allowed in any class.

          - `none`: nobody else, and it needs nobody;
          - `listed`: nobody else, and the listed addresses are what it needs;
          - `internet`: every address of the internet, but no private, link-local, shared (CGNAT) or multicast address.
        '';
        type = types.enum classes;
        example = "internet";
      };

      addresses = lib.mkOption {
        description = "Addresses and networks allowed besides, in any class.";
        type = types.listOf address;
        default = [ ];
        example = [
          "10.1.2.3"
          "2001:db8:1::/48"
        ];
      };

      reason = lib.mkOption {
        description = "Why the unit needs it. It is what an auditor reads, and must not be empty.";
        type = types.str;
        example = "fetches previews of linked pages";
      };
    };
  };

  directives = unit: {
    IPAddressAllow = [ "localhost" ] ++ unit.addresses;
    IPAddressDeny = if unit.class == "internet" then ranges else [ "any" ];
  };

  unitAssertions =
    name: unit:
    let
      profile = sandbox.units.${name}.profile or null;
    in
    [
      {
        assertion = lib.trim unit.reason != "";
        message = "maidan.egress.units.${name}.reason is empty: say whom the unit contacts and why.";
      }
      {
        assertion = profile == null || lib.elem unit.class classesOf.${profile};
        message = ''
          maidan.egress.units.${name}.class is "${unit.class}", but the sandbox profile promises less.
          A unit of profile "${profile}" can have the class ${
            lib.concatStringsSep " or " classesOf.${profile}
          }.
          Set maidan.sandbox.units.${name}.profile = "internet"; or narrow the class.
        '';
      }
      {
        assertion = profile == "socket" -> unit.addresses == [ ];
        message = ''
          maidan.egress.units.${name}.addresses lists addresses, but the sandbox profile "socket" has no network.
          Set maidan.sandbox.units.${name}.profile = "loopback"; or remove the addresses.
        '';
      }
    ];
in
{
  options.maidan.egress.units = lib.mkOption {
    description = ''
      What each service may reach on the network, by the name of its systemd unit without `.service`. It works with and
      without a sandbox; with one, it takes the place of the addresses that the profile allows.
    '';
    type = types.attrsOf unitModule;
    default = { };
    example = {
      web = {
        class = "internet";
        reason = "fetches previews of linked pages";
      };
    };
  };

  config = {
    # The profile's own addresses are defaults in this option, so a declaration here wins without a conflict. With the
    # profile "socket" the profile stays: it denies loopback too.
    maidan.declaredServiceConfig = lib.mapAttrs (
      name: unit: lib.mkIf (sandbox.units.${name}.profile or null != "socket") (directives unit)
    ) cfg.units;

    assertions =
      lib.concatLists (lib.mapAttrsToList unitAssertions cfg.units)
      ++ lib.mapAttrsToList (name: unit: {
        assertion = unit.profile == "internet" -> cfg.units ? ${name};
        message = ''
          maidan.sandbox.units.${name}.profile is "internet", but nothing says what the unit may reach.
          Declare it: maidan.egress.units.${name} = { class = "internet"; reason = "..."; };
        '';
      }) sandbox.units;
  };
}
