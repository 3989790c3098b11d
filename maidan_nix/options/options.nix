# Lists every option of a nixpkgs tree, with its type as data. Nothing of a configuration is evaluated but what the
# types themselves ask for. Written for lib from NixOS 20.09 to today; maidan_nix/options/evaluated.py reads the answer.
{
  # The tree: a path.
  nixpkgs,
  # Further modules, as paths: what other flakes declare.
  modules ? [ ],
  # Dotted names of options whose type Nix could not evaluate, and which are only listed.
  unread ? [ ],
}:

let
  system = "x86_64-linux";
  original = import (nixpkgs + "/lib");

  # The reason why an option is gone is otherwise only to be had by failing.
  lib = original.extend (
    _: super: {
      modules = super.modules // gone super;
      inherit (gone super) mkRemovedOptionModule mkMergedOptionModule mkChangedOptionModule;
    }
  );

  gone =
    super:
    let
      mark =
        path: facts:
        super.setAttrByPath path (
          {
            _type = "option";
            visible = false;
          }
          // facts
        );
    in
    {
      mkRemovedOptionModule = path: instructions: _: {
        options = mark path { maidanRemoved = instructions; };
      };
      mkMergedOptionModule = paths: to: _: _: {
        options = super.foldl' super.recursiveUpdate { } (
          map (path: mark path { maidanRenamed = to; }) paths
        );
      };
      mkChangedOptionModule = path: to: _: _: { options = mark path { maidanRenamed = to; }; };
    };

  nixos = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    inherit lib modules system;
    # Left to itself it would take the configuration and the overlays of whoever runs this.
    pkgs = import nixpkgs {
      inherit system;
      config = { };
      overlays = [ ];
    };
  };

  attempt = value: builtins.tryEval (builtins.deepSeq value value);

  composites = [
    "attrsOf"
    "coercedTo"
    "either"
    "lazyAttrsOf"
    "listOf"
    "loaOf"
    "nullOr"
    "uniq"
    "unique"
  ];

  # Whether a type stands inside itself, as that of JSON does. `above` are the descriptions of the types around it: an
  # author who nests a type in itself has to give it one.
  isRecursive =
    above: type:
    builtins.elem (type.name or "?") composites
    && (builtins.length above > 12 || builtins.elem (type.description or "") above);

  # A type as a string, or as a set with `is`.
  typeOf =
    above: type:
    let
      name = type.name or "?";
      nested = type.nestedTypes or { };
      wrapped = nested.elemType or (if nested == { } then type.functor.wrapped or null else null);
      payload = type.functor.payload or null;
      inner = typeOf (above ++ [ type.description or "" ]);
      of = if wrapped == null then "?" else inner wrapped;
      sides =
        if nested ? left then
          [
            nested.left
            nested.right
          ]
        else if builtins.isList wrapped then
          wrapped
        else
          [ ];
    in
    if isRecursive above type then
      "?"
    else if name == "listOf" then
      {
        is = if lib.hasPrefix "non-empty " (type.description or "") then "nonEmptyListOf" else name;
        inherit of;
      }
    else if name == "attrsOf" || name == "lazyAttrsOf" then
      {
        is = "attrsOf";
        inherit of;
      }
    else if name == "loaOf" then
      {
        is = "loaOf";
        inherit of;
      }
    else if name == "nullOr" then
      {
        is = name;
        inherit of;
      }
    else if name == "uniq" || name == "unique" then
      of
    else if name == "either" then
      {
        is = name;
        choices = map inner sides;
      }
    else if name == "coercedTo" then
      {
        is = name;
        choices =
          if nested ? finalType then
            [
              (inner nested.finalType)
              (inner nested.coercedType)
            ]
          else
            [
              of
              "?"
            ];
      }
    else if name == "enum" then
      {
        is = name;
        members = map (member: if builtins.isPath member then null else member) (
          if builtins.isList payload then payload else payload.values
        );
      }
    else if name == "separatedString" then
      {
        is = name;
        separator = if builtins.isString payload then payload else payload.sep;
      }
    else if
      builtins.elem name [
        "intBetween"
        "numberBetween"
      ]
      || lib.hasPrefix "signedInt" name
    then
      {
        is = "between";
        words = type.description;
      }
    else if name == "path" then
      {
        is = name;
        absolute = payload.absolute or true;
      }
    else
      name;

  # The options below one of this type: submodules inside it, wherever they are.
  below =
    above: level: loc: type:
    let
      name = type.name or "?";
      nested = type.nestedTypes or { };
      wrapped = nested.elemType or (if nested == { } then type.functor.wrapped or null else null);
      declared = type.getSubOptions loc;
      inner = below (above ++ [ type.description or "" ]) level;
      inside =
        if wrapped == null then
          [ ]
        else if builtins.isList wrapped then
          builtins.concatMap (inner loc) wrapped
        else if name == "listOf" then
          inner (loc ++ [ "*" ]) wrapped
        else if
          builtins.elem name [
            "attrsOf"
            "lazyAttrsOf"
            "loaOf"
          ]
        then
          inner (loc ++ [ "<name>" ]) wrapped
        else
          inner loc wrapped;
    in
    if level > 6 || isRecursive above type then
      [ ]
    else if name == "submodule" then
      (
        if nested ? freeformType then
          freeform level loc nested.freeformType
        else if declared ? _freeformOptions then
          [
            {
              name = loc ++ [ "<name>" ];
              type = "?";
            }
          ]
        else
          [ ]
      )
      ++ options (level + 1) loc (removeAttrs declared [ "_freeformOptions" ])
    else if name == "attrTag" then
      options (level + 1) loc declared
    else if nested ? left then
      inner loc nested.left ++ inner loc nested.right
    else if nested ? finalType then
      inner loc nested.finalType
    else if name == "functionTo" || name == "deferredModule" then
      [ ]
    else
      inside;

  # What a submodule takes besides its options.
  freeform =
    level: loc: type:
    let
      isSet = builtins.elem (type.name or "?") [
        "attrsOf"
        "lazyAttrsOf"
      ];
      free = if isSet then type.nestedTypes.elemType or null else null;
    in
    [
      {
        name = loc ++ [ "<name>" ];
        type = if free == null then "?" else typeOf [ ] free;
      }
    ]
    ++ (if free == null then [ ] else below [ ] (level + 1) (loc ++ [ "<name>" ]) free);

  options =
    level: prefix: set:
    builtins.concatMap (
      key:
      let
        loc = prefix ++ [ key ];
        name = lib.concatStringsSep "." loc;
        place = set.${key};
        shape = builtins.tryEval (
          if !builtins.isAttrs place then
            "other"
          else if (place._type or "") == "option" then
            "option"
          else if place ? _type then
            "other"
          else
            "group"
        );
        found =
          if level == 0 && builtins.elem name unread || !shape.success then
            [
              {
                name = loc;
                unread = true;
              }
            ]
          else if shape.value == "other" then
            [ ]
          else if shape.value == "group" then
            options level loc place
          else
            option level place;
      in
      if level > 0 && key == "_module" then
        [ ]
      else if level == 0 then
        # Where Nix stops for good, the last trace tells at which option.
        builtins.trace "maidan-nix: ${name}" found
      else
        found
    ) (builtins.attrNames set);

  option =
    level: opt:
    let
      name = opt.loc;
      visible = opt.visible or true;
      basic = attempt {
        inherit name;
        files = map toString (opt.declarations or [ ]);
      };
      alias =
        let
          match = builtins.match "Alias of [^a-zA-Z]*(option[>}]`?)?([^`<]*)(`|</option>)\\.?" (
            if builtins.isString (opt.description or null) then opt.description else opt.description.text or ""
          );
        in
        if match == null then null else builtins.elemAt match 1;
      fate = attempt (
        if opt ? maidanRemoved then
          { removed = opt.maidanRemoved; }
        else if opt ? maidanRenamed then
          { renamed = opt.maidanRenamed; }
        else if visible == false && alias != null then
          { renamed = alias; }
        else
          { }
      );
      type = attempt (typeOf [ ] (opt.type or { }));
      members = builtins.tryEval (
        let
          found = below [ ] level name opt.type;
        in
        builtins.seq (builtins.length found) found
      );
    in
    if !basic.success then
      [
        {
          inherit name;
          unread = true;
        }
      ]
    else if fate.success && fate.value != { } then
      [ (basic.value // fate.value) ]
    else if !type.success then
      [ (basic.value // { unread = true; }) ]
    else
      [ (basic.value // { type = type.value; }) ]
      ++ (
        if visible == false || visible == "shallow" || !(opt ? type) then
          [ ]
        else if members.success then
          members.value
        else
          [
            {
              inherit name;
              unread = true;
            }
          ]
      );

  quiet = value: (builtins.tryEval value).value;
in
{
  version = quiet (lib.version or lib.nixpkgsVersion or "");
  release = quiet (lib.trivial.release or "");
  revision = quiet (lib.trivial.revisionWithDefault or (_: "") "");
  options = options 0 [ ] nixos.options;
}
