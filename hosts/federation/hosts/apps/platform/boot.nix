# Boot: Starts the machine from UEFI or BIOS, and keeps older generations to go back to. Generated
# by platform/boot from [platform.boot] in community.toml.
{
  boot = {
    loader = {
      systemd-boot = {
        enable = true;
        # Editing the kernel's command line would make anyone at the console root.
        editor = false;
        # platform.boot.generations
        configurationLimit = 10;
      };
      # platform.boot.firmware_entry: with it, the firmware starts this system before the entries of
      # older ones. The standard path EFI/BOOT is written in any case.
      efi.canTouchEfiVariables = true;
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
