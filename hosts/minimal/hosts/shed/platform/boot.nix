# Boot: Starts the machine from UEFI or BIOS, and keeps older generations to go back to. Generated
# by platform/boot from [platform.boot] in community.toml.
{
  boot = {
    loader.grub = {
      # Installed to the disk that holds a BIOS boot partition; disko names it (platform/disk).
      enable = true;
      # platform.boot.generations
      configurationLimit = 10;
      # Editing the kernel's command line would make anyone at the console root.
      extraConfig = ''
        set superusers=""
        export superusers
      '';
      # Choosing an entry stays open: going back to an older generation must need no password.
      entryOptions = "--class nixos --unrestricted";
      subEntryOptions = "--class nixos --unrestricted";
    };
    # The first stage is systemd too: it asks for the disk's passphrase at the console.
    initrd.systemd.enable = true;
    # In memory: nothing in it survives a restart, nothing in it can be a device or gain rights.
    tmp.useTmpfs = true;
  };

  # The emergency shell asks for root's password, and root has none. Without it the start goes on as
  # far as it can, so that a steward can log in and look.
  systemd.enableEmergencyMode = false;
}
