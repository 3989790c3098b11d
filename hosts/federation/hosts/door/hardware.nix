# What this machine is made of. Yours: maidan-nix wrote it once and never touches it again.
# 'nixos-generate-config --no-filesystems --show-hardware-config' on the machine prints a better one; the file systems
# stay out of it, because the disk layout already declares them.
{ lib, modulesPath, ... }:
{
  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];

  boot.initrd.availableKernelModules = [
    "ahci"
    "ehci_pci"
    "nvme"
    "sd_mod"
    "sr_mod"
    "uas"
    "usb_storage"
    "usbhid"
    "virtio_blk"
    "virtio_pci"
    "virtio_scsi"
    "xhci_pci"
  ];

  hardware.enableRedistributableFirmware = lib.mkDefault true;
}
