# Stands in for nixpkgs: a package is its name, a builder returns what it was given.
{
  system,
  config,
  overlays,
}:
{
  inherit config overlays system;

  age = "age";
  git = "git";
  mkpasswd = "mkpasswd";
  nixos-anywhere = "nixos-anywhere";
  nixos-rebuild-ng = "nixos-rebuild";
  openssl = "openssl";
  ssh-to-age = "ssh-to-age";
  wireguard-tools = "wireguard-tools";

  linkFarm = name: entries: { inherit name entries; };
  mkShellNoCC = arguments: arguments;
  nixfmt-tree.override = arguments: {
    name = "nixfmt-tree";
    inherit arguments;
  };
  runCommand = name: environment: script: { inherit name environment script; };
  testers.runNixOSTest = test: { inherit test; };
}
