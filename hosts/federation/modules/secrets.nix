# Secrets must be there before the accounts that need them.
#
# agenix decrypts in an activation script that runs before accounts are made, unless systemd-sysusers or userborn makes
# them: then it decrypts in a unit that may come too late, and a steward has no password (agenix, modules/age.nix).
{ config, lib, ... }:

let
  secrets = config.age.secrets or { };
in
{
  assertions = lib.optionals (secrets != { }) [
    {
      assertion = !config.systemd.sysusers.enable && !config.services.userborn.enable;
      message = ''
        maidan: secrets are decrypted before accounts are made only while neither systemd-sysusers nor userborn makes them.
        Set systemd.sysusers.enable = false; and services.userborn.enable = false;
      '';
    }
  ];
}
