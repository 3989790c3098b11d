# The outputs of the community's flake. The generated flake.nix holds the inputs and the facts, this file what is the
# same for everybody:
#
#   outputs = inputs: import ./modules/outputs.nix {
#     inherit inputs;
#     hosts.main = { system = "x86_64-linux"; module = ./hosts/main; };
#     unfree = [ "mongodb" ];
#     tests.web = ./tests/web.nix;
#     journal = ./.maidan/journal.json;
#   };
{
  # The flake's inputs: self, nixpkgs, agenix, disko, and what else its hosts use.
  inputs,

  # By name: { system, module }. `system` is a Nix system string, `module` the host's NixOS module.
  hosts,

  # Names of the packages whose licence is not free and which may be used all the same.
  unfree ? [ ],

  # VM tests: by name, a file with a module for pkgs.testers.runNixOSTest. It may take the argument `hosts`: by name, a
  # NixOS module with everything a host consists of.
  tests ? { },

  # The journal in which `maidan-nix generate` notes what it is about to write. It is part of the flake (which, in a git
  # repository, sees only tracked files) and says `"pending": []` at rest.
  journal,
}:

let
  inherit (inputs) nixpkgs self;
  inherit (nixpkgs) lib;

  # After an interrupted write some files are of the old configuration and some of the new one: no host may be built
  # from that.
  whole =
    if !builtins.pathExists journal then
      throw ''
        .maidan/journal.json is missing: nothing tells whether this flake was written to its end.
        In a git repository Nix sees tracked files only: `git add .maidan`. Is it there already? Then run
        `maidan-nix generate`.
      ''
    else if (lib.importJSON journal).pending != [ ] then
      throw ''
        This flake is half-written: `maidan-nix generate` was interrupted, see .maidan/journal.json.
        Run it again; it finishes what it began. Then repeat this command.
      ''
    else
      outputs;

  eachSystem = lib.genAttrs (lib.unique (lib.mapAttrsToList (_: host: host.system) hosts));

  # One package set per system, shared by hosts, tests and the shell. `nixpkgs.config` inside a host would be a second
  # place for the same decision, and NixOS tests refuse it.
  packageSets = eachSystem (
    system:
    import nixpkgs {
      inherit system;
      config.allowUnfreePredicate = package: lib.elem (lib.getName package) unfree;
      # Else an impure evaluation would take them from ~/.config/nixpkgs.
      overlays = [ ];
    }
  );

  hostsOf = system: lib.filterAttrs (_: host: host.system == system) hosts;

  # So that a steward's module can import what another input offers.
  specialArgs = { inherit inputs; };

  hostModules = lib.mapAttrs (_: host: {
    imports = [
      inputs.agenix.nixosModules.default
      inputs.disko.nixosModules.default
      ./default.nix
      host.module
    ];
  }) hosts;

  nixosConfigurations = lib.mapAttrs (
    name: host:
    lib.nixosSystem {
      inherit specialArgs;
      modules = [
        hostModules.${name}
        {
          nixpkgs.pkgs = packageSets.${host.system};
          # Shown by `nixos-version --configuration-revision`: which commit a running host was built from.
          system.configurationRevision = self.rev or self.dirtyRev or null;
        }
      ];
    }
  ) hosts;

  # Every assertion and every option of the host is evaluated, down to the derivation; nothing of it is built. The text
  # of the path is stripped of its context, which otherwise would make the whole system a dependency of the check.
  evaluation =
    system: name: _:
    packageSets.${system}.runCommand "evaluation-${name}" {
      systemDerivation =
        builtins.unsafeDiscardStringContext
          nixosConfigurations.${name}.config.system.build.toplevel.drvPath;
    } ''echo "$systemDerivation" > "$out"'';

  vmTest =
    system: name: file:
    packageSets.${system}.testers.runNixOSTest {
      imports = [ file ];
      name = lib.mkDefault name;
      node = { inherit specialArgs; };
      _module.args.hosts = hostModules;
    };

  outputs = {
    inherit nixosConfigurations;

    checks = eachSystem (system: lib.mapAttrs (evaluation system) (hostsOf system));

    packages = eachSystem (
      system:
      let
        vmTests = lib.mapAttrs' (
          name: file: lib.nameValuePair "vm-test-${name}" (vmTest system name file)
        ) tests;
      in
      vmTests // { vm-tests = packageSets.${system}.linkFarm "vm-tests" vmTests; }
    );

    devShells = eachSystem (system: {
      default = packageSets.${system}.mkShellNoCC {
        packages = [
          inputs.agenix.packages.${system}.default
          inputs.disko.packages.${system}.disko
          self.formatter.${system}
          packageSets.${system}.age
          packageSets.${system}.git
          packageSets.${system}.mkpasswd
          packageSets.${system}.nixos-anywhere
          packageSets.${system}.nixos-rebuild-ng
          packageSets.${system}.openssl
          packageSets.${system}.ssh-to-age
          packageSets.${system}.wireguard-tools
        ];
      };
    });

    # Formats what the stewards write. Generated files are left out: they are formatted already, and a formatter of
    # another version must not make them look edited by hand.
    formatter = eachSystem (
      system:
      packageSets.${system}.nixfmt-tree.override {
        settings.excludes = [
          "flake.nix"
          "hosts/*/default.nix"
          "hosts/*/hardening/*"
          "hosts/*/platform/*"
          "hosts/*/services/*"
          "modules/*"
          "packages/*"
          "secrets/secrets.nix"
          "tests/*"
        ];
      }
    );
  };
in
whole
