# Secrets: Decrypts each secret at the start, into memory, for the one user that needs it. Generated
# by platform/secrets from [platform.secrets] in community.toml.
{
  age = {
    # The host's own key. It must be in place before the first start, or nothing opens.
    identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    secrets = {
      # platform/base: the password hash of ada, one line made by 'mkpasswd --method=yescrypt'
      steward-ada-password = {
        file = ../../../secrets/steward-ada-password.age;
        mode = "0400";
      };
      # platform/base: the password hash of grace, one line made by 'mkpasswd --method=yescrypt'
      steward-grace-password = {
        file = ../../../secrets/steward-grace-password.age;
        mode = "0400";
      };
      # platform/wireguard: the host's private key in the network between the community's hosts,
      # made unseen by 'wg genkey | agenix -e wireguard-door.age'
      wireguard-door = {
        file = ../../../secrets/wireguard-door.age;
        group = "systemd-network";
        mode = "0440";
      };
    };
  };
}
