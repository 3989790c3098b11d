# The host store: its hardware, what it stands on, what it serves, what guards it, and local.nix
# last.
{
  imports = [
    ./hardware.nix
    ./platform/base.nix
    ./platform/boot.nix
    ./platform/disk.nix
    ./platform/network.nix
    ./platform/postgresql.nix
    ./platform/secrets.nix
    ./platform/wireguard.nix
    ./hardening/egress.nix
    ./hardening/firewall.nix
    ./hardening/kernel.nix
    ./hardening/ssh.nix
    ./local.nix
  ];
}
