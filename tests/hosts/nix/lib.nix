# The few functions of nixpkgs' lib that generated files and outputs.nix call, so that these are evaluated by any Nix
# without nixpkgs. A host is taken as it is handed over: a list of modules.
let
  override = priority: content: {
    _type = "override";
    inherit priority content;
  };
in
rec {
  inherit (builtins)
    attrNames
    elem
    filter
    length
    listToAttrs
    mapAttrs
    ;

  genAttrs = names: value: listToAttrs (map (name: nameValuePair name (value name)) names);
  getName = package: package.pname;
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
  mapAttrs' = new: set: listToAttrs (mapAttrsToList new set);
  mapAttrsToList = value: set: map (name: value name set.${name}) (attrNames set);
  mkDefault = override 1000;
  mkForce = override 50;
  mkOverride = override;
  nameValuePair = name: value: { inherit name value; };
  unique = builtins.foldl' (seen: one: if elem one seen then seen else seen ++ [ one ]) [ ];

  nixosSystem =
    { modules, specialArgs }:
    {
      inherit modules specialArgs;
      config.system.build.toplevel.drvPath = "/nix/store/host.drv";
    };
}
