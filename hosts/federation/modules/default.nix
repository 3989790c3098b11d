# All modules of maidan-nix. A host gets them from outputs.nix; a VM test from the same list.
{
  imports = [
    ./declared.nix
    ./egress.nix
    ./inbound.nix
    ./sandbox.nix
    ./secrets.nix
  ];
}
