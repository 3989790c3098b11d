# Evaluates generated modules as plain functions, every value in them, and says what they hold together by.
#
# `references` are the options that the files read, nested, each a string; `packages` the packages that they name.
{
  files,
  references,
  packages,
  hosts,
}:

let
  arguments = {
    inherit hosts;
    config = references;
    lib = import ./lib.nix;
    modulesPath = "/nixpkgs/nixos/modules";
    pkgs = import ./packages.nix packages;
  };

  valueOf =
    file:
    let
      module = import file;
    in
    if builtins.isFunction module then
      module (builtins.intersectAttrs (builtins.functionArgs module) arguments)
    else
      module;

  describe =
    file:
    let
      value = valueOf file;
    in
    builtins.deepSeq value {
      names = builtins.attrNames value;
      # As text: a path in JSON would be copied into the store.
      imports = map toString (value.imports or [ ]);
      secrets = builtins.mapAttrs (_: secret: toString secret.file) (value.age.secrets or { });
    };
in
builtins.mapAttrs (_: describe) files
