# Stands in for agenix where its source is not at hand: its options as other modules read them, and nothing of what it
# does.
{ lib, ... }:

{
  options.age = lib.mkOption {
    default = { };
    type = lib.types.submodule {
      freeformType = lib.types.attrsOf lib.types.unspecified;
      options.secrets = lib.mkOption {
        default = { };
        type = lib.types.attrsOf (
          lib.types.submodule (
            { name, ... }:
            {
              freeformType = lib.types.attrsOf lib.types.unspecified;
              options.path = lib.mkOption {
                type = lib.types.str;
                default = "/run/agenix/${name}";
              };
            }
          )
        );
      };
    };
  };
}
