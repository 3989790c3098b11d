{
  description = "Turns one community.toml into a NixOS flake that a community can read, review and run";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      eachSystem = lib.genAttrs [
        "aarch64-linux"
        "x86_64-linux"
      ];

      project = lib.importTOML ./pyproject.toml;

      # The one place that names the version is the package itself.
      version = lib.head (
        builtins.match ".*__version__ = \"([^\"]+)\".*" (builtins.readFile ./maidan_nix/__init__.py)
      );

      package =
        { lib, python3Packages }:
        python3Packages.buildPythonApplication {
          pname = project.project.name;
          inherit version;
          pyproject = true;

          src = lib.fileset.toSource {
            root = ./.;
            fileset = lib.fileset.unions [
              ./MANIFEST.in
              ./README.md
              ./maidan_nix
              ./modules
              ./plugins
              ./pyproject.toml
              ./setup.py
            ];
          };

          # click: the wheel brings the manual page and the completions, which are made from the commands.
          build-system = [
            python3Packages.click
            python3Packages.setuptools
          ];

          dependencies = [
            python3Packages.click
            python3Packages.pluggy
            python3Packages.pydantic
            python3Packages.tomlkit
          ];

          # What it is for: turning the example into a flake.
          installCheckPhase = ''
            runHook preInstallCheck
            $out/bin/maidan-nix generate ${./hosts/minimal/community.toml} --out "$TMPDIR/flake"
            test -s $out/share/bash-completion/completions/maidan-nix
            ls $out/share/man/man1/maidan-nix.1*
            runHook postInstallCheck
          '';
          doInstallCheck = true;
          pythonImportsCheck = [
            "maidan_nix"
            "maidan_nix_modules"
            "maidan_nix_plugins"
          ];

          meta = {
            inherit (project.project) description;
            license = lib.licenses.agpl3Plus;
            mainProgram = "maidan-nix";
            platforms = lib.platforms.linux;
          };
        };
    in
    {
      overlays.default = final: _prev: { maidan-nix = final.callPackage package { }; };

      packages = eachSystem (system: {
        default = nixpkgs.legacyPackages.${system}.callPackage package { };
      });

      apps = eachSystem (system: {
        default = {
          type = "app";
          program = lib.getExe self.packages.${system}.default;
          meta = { inherit (project.project) description; };
        };
      });

      checks = eachSystem (system: {
        package = self.packages.${system}.default;
      });

      devShells = eachSystem (
        system:
        let
          pkgs = nixpkgs.legacyPackages.${system};
        in
        {
          default = pkgs.mkShell {
            inputsFrom = [ self.packages.${system}.default ];
            packages = [
              pkgs.gnumake
              pkgs.mypy
              pkgs.nixfmt
              pkgs.python3Packages.babel
              pkgs.python3Packages.hypothesis
              pkgs.python3Packages.jsonschema
              pkgs.python3Packages.pytest
              pkgs.python3Packages.pytest-xdist
              pkgs.ruff
            ];
          };
        }
      );

      formatter = eachSystem (system: nixpkgs.legacyPackages.${system}.nixfmt-tree);

      templates.default = {
        path = ./hosts/minimal;
        description = "The smallest community: one host, one service; edit community.toml and generate anew";
      };
    };
}
