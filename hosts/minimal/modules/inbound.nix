# maidan.inbound: the ports that are open to the world, each with what it is for; and nothing else.
#
#   maidan.inbound.ports = [ { number = 443; protocol = "tcp"; purpose = "web sites over HTTPS"; } ];
#
# The list is the whole truth: a port that something else opens (a module's openFirewall, an interface's own list) fails
# the build. What a steward wants open besides goes into this list, from local.nix, where its purpose is read too.
{ config, lib, ... }:

let
  inherit (lib) types;

  cfg = config.maidan.inbound;

  numbers =
    protocol:
    lib.sort lib.lessThan (
      lib.unique (map (port: port.number) (lib.filter (port: port.protocol == protocol) cfg.ports))
    );

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
        };
      }
    );
  };

  config = lib.mkIf (cfg.ports != [ ]) {
    networking.firewall = {
      allowedTCPPorts = numbers "tcp";
      allowedUDPPorts = numbers "udp";
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
