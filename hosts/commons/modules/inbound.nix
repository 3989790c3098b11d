# maidan.inbound: the ports that are open to the world, each with what it is for; and nothing else.
#
#   maidan.inbound.ports = [
#     { number = 443; protocol = "tcp"; purpose = "web sites over HTTPS"; }
#     { number = 5432; protocol = "tcp"; purpose = "the wiki's database"; interface = "maidan0"; addresses = [ "fd00::2" ]; }
#   ];
#
# A port is open to the world, unless its entry names an interface or addresses: then only those get in.
#
# The list is the whole truth: a port that something else opens (a module's openFirewall, an interface's own list, a rule
# of its own) fails the build. What a steward wants open besides goes into this list, from local.nix, where its purpose
# is read too.
{ config, lib, ... }:

let
  inherit (lib) types;

  cfg = config.maidan.inbound;

  isLimited = port: port.interface != null || port.addresses != [ ];

  limited = lib.filter isLimited cfg.ports;

  open = lib.filter (port: !isLimited port) cfg.ports;

  openedAnyway = lib.filter (
    port: lib.any (other: other.number == port.number && other.protocol == port.protocol) open
  ) limited;

  numbers =
    protocol:
    lib.sort lib.lessThan (
      lib.unique (map (port: port.number) (lib.filter (port: port.protocol == protocol) open))
    );

  # One rule per caller: a set would refuse a network and an address in it.
  rulesOf =
    port:
    let
      on = lib.optionalString (port.interface != null) ''iifname "${port.interface}" '';
      accept = "${port.protocol} dport ${toString port.number} accept";
      from = address: "${if lib.hasInfix ":" address then "ip6" else "ip"} saddr ${address} ";
    in
    if port.addresses == [ ] then
      [ "${on}${accept}" ]
    else
      map (address: "${on}${from address}${accept}") port.addresses;

  rules = lib.concatStringsSep "\n" (lib.unique (lib.concatMap rulesOf limited));

  # Numeric on purpose, as in egress.nix: a prefix of length 0 would be everybody.
  address =
    types.strMatching "([0-9]{1,3}[.]){3}[0-9]{1,3}(/[1-9][0-9]?)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(/[1-9][0-9]{0,2})?"
    // {
      description = "IPv4 or IPv6 address, with or without a prefix length";
    };

  firewall = config.networking.firewall;

  show = lib.concatMapStringsSep ", " toString;

  matches = protocol: option: {
    assertion = lib.sort lib.lessThan firewall.${option} == numbers protocol;
    message = ''
      maidan: networking.firewall.${option} is ${show firewall.${option}}, but the declared ${protocol} ports are ${show (numbers protocol)}.
      Open a port by declaring it: maidan.inbound.ports = [ { number = ...; protocol = "${protocol}"; purpose = "..."; } ];
    '';
  };

  isEmpty = option: {
    assertion = firewall.${option} == [ ];
    message = "maidan: networking.firewall.${option} opens ports that nobody declared in maidan.inbound.ports.";
  };
in
{
  options.maidan.inbound.ports = lib.mkOption {
    description = "Every port that is reachable from outside this machine.";
    default = [ ];
    type = types.listOf (
      types.submodule {
        options = {
          number = lib.mkOption {
            type = types.port;
            description = "The port.";
          };
          protocol = lib.mkOption {
            type = types.enum [
              "tcp"
              "udp"
            ];
            description = "The transport protocol.";
          };
          purpose = lib.mkOption {
            type = types.nonEmptyStr;
            description = "What it is for, as a steward would say it.";
          };
          interface = lib.mkOption {
            type = types.nullOr (types.strMatching "[a-zA-Z][a-zA-Z0-9._-]{0,14}");
            description = "The one network interface on which it is reachable; null for all.";
            default = null;
            example = "maidan0";
          };
          addresses = lib.mkOption {
            type = types.listOf address;
            description = "The callers that may reach it, and nobody else; none for everybody.";
            default = [ ];
            example = [ "fd00::2" ];
          };
        };
      }
    );
  };

  # An empty list counts, too: nothing is open then.
  config = {
    networking.firewall = {
      allowedTCPPorts = numbers "tcp";
      allowedUDPPorts = numbers "udp";
      extraInputRules = rules;
    };

    assertions = [
      {
        assertion = firewall.enable;
        message = "maidan: networking.firewall.enable is off, so every port of this machine is open.";
      }
      (matches "tcp" "allowedTCPPorts")
      (matches "udp" "allowedUDPPorts")
      (isEmpty "allowedTCPPortRanges")
      (isEmpty "allowedUDPPortRanges")
      {
        assertion = lib.trim firewall.extraInputRules == rules;
        message = ''
          maidan: networking.firewall.extraInputRules lets in what nobody declared in maidan.inbound.ports:
          ${firewall.extraInputRules}
          Limit a port by declaring it: maidan.inbound.ports = [ { number = ...; addresses = [ "..." ]; ... } ];
        '';
      }
      {
        assertion = limited != [ ] -> config.networking.nftables.enable;
        message = "maidan: maidan.inbound.ports limits who may call, which only nftables can: set networking.nftables.enable.";
      }
      {
        assertion = openedAnyway == [ ];
        message = "maidan: maidan.inbound.ports limits who may call ${
          show (map (port: port.number) openedAnyway)
        }, and opens the same to the world.";
      }
      {
        assertion = lib.all (
          interface:
          interface.allowedTCPPorts == [ ]
          && interface.allowedUDPPorts == [ ]
          && interface.allowedTCPPortRanges == [ ]
          && interface.allowedUDPPortRanges == [ ]
        ) (lib.attrValues firewall.interfaces);
        message = "maidan: networking.firewall.interfaces opens ports that nobody declared in maidan.inbound.ports.";
      }
      {
        assertion = lib.subtractLists [ "lo" ] firewall.trustedInterfaces == [ ];
        message = "maidan: networking.firewall.trustedInterfaces lets everything in on ${show firewall.trustedInterfaces}.";
      }
    ];
  };
}
