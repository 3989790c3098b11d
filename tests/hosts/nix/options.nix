# Declares the options of a tree that option_tree.py made of the index, with types of the real module system.
#
# The index knows names and types, no defaults. Every option gets the plainest value of its type as its default, so that
# what nobody sets can be read; surroundings.nix sets what matters of NixOS.
{ lib, tree }:

let
  inherit (lib) types;

  # Several definitions of a type that is not recorded: lists are concatenated and sets merged, all else has to be equal.
  unknown = lib.mkOptionType {
    name = "unknown";
    description = "value of a type that is not recorded";
    merge =
      loc: definitions:
      let
        values = map (definition: definition.value) definitions;
      in
      if lib.all lib.isList values then
        lib.concatLists values
      else if
        lib.length values > 1 && lib.all (value: lib.isAttrs value && !lib.isDerivation value) values
      then
        (types.attrsOf unknown).merge loc definitions
      else
        lib.mergeEqualOption loc definitions;
  };

  # As nixos/lib/systemd-unit-options.nix merges a directive: lists are concatenated, all else has to be equal.
  unitOption = lib.mkOptionType {
    name = "systemd option";
    check =
      value:
      let
        isAtom =
          atom:
          lib.isString atom
          || lib.isInt atom
          || lib.isFloat atom
          || lib.isBool atom
          || lib.isPath atom
          || lib.isDerivation atom;
      in
      isAtom value || lib.isList value && lib.all isAtom value;
    merge =
      loc: definitions:
      let
        values = map (definition: definition.value) definitions;
      in
      if lib.all lib.isList values then
        lib.concatLists values
      else if lib.any lib.isList values then
        throw "The option `${lib.showOption loc}' has conflicting definition values: a list and an atom."
      else
        lib.mergeEqualOption loc definitions;
  };

  package = {
    type = "derivation";
    name = "package";
    outPath = "/nix/store/package";
    drvPath = "/nix/store/package.drv";
  };

  # By name: the type, and a value of it.
  atoms = {
    "?" = {
      type = unknown;
      value = null;
    };
    attrs = {
      type = types.attrs;
      value = { };
    };
    bool = {
      type = types.bool;
      value = false;
    };
    commas = {
      type = types.commas;
      value = "";
    };
    float = {
      type = types.float;
      value = 0.0;
    };
    function = {
      type = types.functionTo unknown;
      value = _: null;
    };
    int = {
      type = types.int;
      value = 0;
    };
    lines = {
      type = types.lines;
      value = "";
    };
    nonEmptyStr = {
      type = types.nonEmptyStr;
      value = "unset";
    };
    null = {
      type = types.enum [ null ];
      value = null;
    };
    number = {
      type = types.number;
      value = 0;
    };
    package = {
      type = types.package;
      value = package;
    };
    path = {
      type = types.path;
      value = "/unset";
    };
    singleLineStr = {
      type = types.singleLineStr;
      value = "";
    };
    str = {
      type = types.str;
      value = "";
    };
    unitOption = {
      type = unitOption;
      value = [ ];
    };
  };

  # `place` is where the type stands: it says what a submodule consists of.
  convert =
    place: type:
    let
      of = convert place type.of;
    in
    {
      attrsOf = {
        type = types.attrsOf (convert (elementOf place "any") type.of).type;
        value = { };
      };
      between = {
        type =
          if type.high == null then
            types.addCheck types.int (value: type.low == null || value >= type.low)
          else
            types.ints.between type.low type.high;
        value = if type.low == null then type.high else type.low;
      };
      either =
        let
          choices = map (convert place) type.choices;
        in
        {
          type = types.oneOf (map (choice: choice.type) choices);
          inherit (lib.head choices) value;
        };
      enum = {
        type = types.enum type.members;
        value = lib.head type.members;
      };
      listOf = {
        type = types.listOf (convert (elementOf place "element") type.of).type;
        value = [ ];
      };
      nonEmptyListOf =
        let
          element = convert (elementOf place "element") type.of;
        in
        {
          type = types.nonEmptyListOf element.type;
          value = [ element.value ];
        };
      nullOr = {
        type = types.nullOr of.type;
        value = null;
      };
      submodule = {
        type = submodule place;
        value = { };
      };
    }
    .${type.is} or atoms.${type.is};

  # What stands below an attribute set with free names, or below a list. Where the index has some names of such a set
  # besides the free ones, these are options of a set that has no other fixed names.
  elementOf = place: kind: place.${kind} or { };

  submodule =
    place:
    if place ? members || place ? any then
      types.submodule {
        options = lib.mapAttrs (_: declare) (place.members or { });
        freeformType = if place ? any then types.attrsOf (typeOf place.any) else null;
      }
    else
      types.submodule { freeformType = types.attrsOf unknown; };

  typeOf = place: if place ? type then (convert place place.type).type else submodule place;

  # A place is an option, or a set of options. One with free names but no option of its own is taken as an option.
  declare =
    place:
    if place ? type then
      let
        converted = convert place place.type;
      in
      lib.mkOption {
        inherit (converted) type;
        default = converted.value;
      }
    else if place ? any then
      lib.mkOption {
        type = submodule place;
        default = { };
      }
    else
      lib.mapAttrs (_: declare) place.members;
in
declare tree
