# The sandbox profiles: plain data, read by sandbox.nix.
#
# The names are an API: a profile may become stricter, it never changes what it is for and never goes away.
#
# Every profile states every directive that `systemd-analyze security` weighs and that does not belong to the program
# itself (User=, Group=, SupplementaryGroups= and the directories stay with the module that defines the unit), so that
# what a unit may do is read in one place and never depends on an upstream default.
#
# What the directives mean: systemd.exec(5), systemd.resource-control(5).
let
  base = {
    # Privileges
    AmbientCapabilities = "";
    CapabilityBoundingSet = "";
    KeyringMode = "private";
    NoNewPrivileges = true;
    RestrictSUIDSGID = true;
    UMask = "0077";

    # What it sees of the machine
    DevicePolicy = "closed";
    PrivateDevices = true;
    # Implied by the others, but `systemd-analyze security` charges 0.2 unless it is written.
    PrivateMounts = true;
    PrivateTmp = true;
    # Maps only root and the unit's own user. Group permissions on files and sockets keep working.
    PrivateUsers = true;
    ProcSubset = "pid";
    # Stricter than "noaccess": processes of others are not even listed.
    ProtectProc = "invisible";
    # Writable are only the unit's own StateDirectory=, CacheDirectory=, LogsDirectory=, RuntimeDirectory= and
    # ReadWritePaths=, which stay with the module that defines the unit.
    ProtectHome = true;
    ProtectSystem = "strict";

    # What it may change of the machine
    Delegate = false;
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    RemoveIPC = true;

    # What it may ask of the kernel
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    SystemCallArchitectures = "native";
    # With an error instead of a signal a program can fall back: Node, for one, probes calls at its start and dies of
    # SIGSYS.
    SystemCallErrorNumber = "EPERM";
    # The sign of the first entry decides whether the list allows or denies: this one allows, then takes away. Merged
    # behind an upstream deny-list it would mean something else, therefore it always replaces the whole list.
    SystemCallFilter = [
      "@system-service"
      "~@privileged"
      "~@resources"
    ];
  };

  network = base // {
    PrivateNetwork = false;
    # AF_UNIX is for readiness (sd_notify), the journal and name resolution through nscd.
    RestrictAddressFamilies = [
      "AF_INET"
      "AF_INET6"
      "AF_UNIX"
    ];
  };

  machine = {
    IPAddressAllow = [ "localhost" ];
    IPAddressDeny = [ "any" ];
  };

  anyone = {
    IPAddressAllow = [ ];
    IPAddressDeny = [ ];
  };
in
{
  # Answers on unix sockets only: a database or a cache on its socket. It has no network at all, not even loopback.
  socket = base // {
    IPAddressAllow = [ ];
    IPAddressDeny = [ "any" ];
    PrivateNetwork = true;
    RestrictAddressFamilies = [ "AF_UNIX" ];
  };

  # Talks to this machine only, and to the addresses that maidan.egress lists for it: an application behind the web
  # server.
  loopback = network // machine;

  # Calls others over the internet, and is called through this machine's web server. What it may reach is declared in
  # maidan.egress, without which the configuration does not evaluate; until then it is closed like "loopback".
  internet = network // machine;

  # Answers callers from anywhere by itself, on ports from 1024 up or on sockets that systemd hands it: a media relay.
  # systemd's address filter cannot tell a call from an answer, so it stays open here and outgoing connections are for
  # the firewall to limit. Where the callers are known (a private network), maidan.egress closes it to the others.
  public = network // anyone;

  # Like "public", on ports below 1024: the web server. Inside a user namespace CAP_NET_BIND_SERVICE would not count for
  # the machine's network, hence no PrivateUsers=.
  privileged-port =
    network
    // anyone
    // {
      AmbientCapabilities = [ "CAP_NET_BIND_SERVICE" ];
      CapabilityBoundingSet = [ "CAP_NET_BIND_SERVICE" ];
      PrivateUsers = false;
    };
}
