# What a virtual machine of the test framework sets of the options that a host sets too
# (nixos/modules/virtualisation/qemu-vm.nix, nixos/modules/testing/test-instrumentation.nix, nixos/lib/testing).
{ lib, ... }:

{
  options.virtualisation = {
    cores = lib.mkOption {
      type = lib.types.ints.positive;
      default = 1;
    };
    memorySize = lib.mkOption {
      type = lib.types.ints.positive;
      default = 1024;
    };
  };

  config = {
    boot = {
      initrd.luks.devices = lib.mkOverride 10 { };
      kernel.sysctl."kernel.hung_task_timeout_secs" = 600;
      kernelParams = [ "console=tty0" ];
      loader.grub.device = lib.mkOverride 10 "/dev/vda";
      loader.supportsInitrdSecrets = lib.mkOverride 10 false;
    };
    fileSystems = lib.mkOverride 10 {
      "/" = {
        device = "tmpfs";
        fsType = "tmpfs";
      };
    };
    networking = {
      defaultGateway = lib.mkOverride 150 null;
      hostName = lib.mkDefault "machine";
      nameservers = lib.mkOverride 150 [ ];
      usePredictableInterfaceNames = false;
    };
    services = {
      journald.extraConfig = "ForwardToConsole=yes";
      logrotate.enable = lib.mkOverride 150 false;
      timesyncd.enable = false;
    };
    swapDevices = lib.mkOverride 10 [ ];
    users.users.root.hashedPasswordFile = lib.mkOverride 150 "/nix/store/hashed-password.root";
  };
}
